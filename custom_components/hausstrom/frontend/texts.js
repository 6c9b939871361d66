/** What the dashboard says, in four languages. Terms: the glossary of the project. */

// key|English|German|Italian|Romanian; one text where all are the same.
const TABLE = `
description|Power and energy of your home, now, today and per device. No configuration needed.|Strom und Energie deines Zuhauses, jetzt, heute und je Gerät. Ohne Konfiguration.|L'energia della tua casa: adesso, oggi e per dispositivo. Nessuna configurazione necessaria.|Energia casei tale: acum, azi și pe dispozitiv. Fără configurare.
now|Now|Jetzt|Adesso|Acum
curves|History|Verlauf|Andamento|Evoluție
today|Today|Heute|Oggi|Azi
flow|Power flow|Energiefluss|Flusso|Flux
warnings|Warnings|Warnungen|Avvisi|Avertizări
building|Consumption|Verbrauch|Consumi|Consum
solar|Solar|Photovoltaik|Fotovoltaico|Fotovoltaic
battery|Battery|Batterie|Batteria|Baterie
grid|Grid|Netz|Rete|Rețea
house|House|Haus|Casa|Casă
ev|EV|Auto|Auto|Mașină
heat_pump|Heat pump|Wärmepumpe|Pompa di calore|Pompă de căldură
generator|Generator|Generator|Generatore|Generator
importing|Importing|Bezug|Prelievo|Import
exporting|Exporting|Einspeisung|Immissione|Export
charging|Charging|Lädt|In carica|Se încarcă
discharging|Discharging|Entlädt|In scarica|Se descarcă
idle|Idle|Leerlauf|Inattivo|Inactiv
no_data|No data since {time}|Keine Daten seit {time}|Nessun dato dalle {time}|Fără date de la {time}
waiting|Waiting for the first value|Warten auf den ersten Wert|In attesa del primo valore|Se așteaptă prima valoare
self_sufficiency|Self-sufficiency|Autarkie|Autosufficienza|Autosuficiență
self_consumption|Self-consumption|Eigenverbrauch|Autoconsumo|Autoconsum
produced|Produced|Erzeugt|Prodotta|Produsă
consumed|Consumed|Verbraucht|Consumata|Consumată
imported|Imported|Bezogen|Prelevata|Importată
exported|Exported|Eingespeist|Immessa|Exportată
charged|Charged|Geladen|Caricata|Încărcată
discharged|Discharged|Entladen|Scaricata|Descărcată
driven|EV charging|Auto geladen|Ricarica auto|Încărcare mașină
saved|Saved|Gespart|Risparmio|Economisit
cost|Cost|Kosten|Costo|Cost
price_hint|Enter your electricity price to see what you save|Strompreis eintragen, um deine Ersparnis zu sehen|Inserisci il prezzo dell'energia per vedere il risparmio|Introdu prețul energiei ca să vezi cât economisești
full_at|Full at {time}|Voll um {time}|Carica alle {time}|Plină la {time}
lasts_until|Lasts until {time}|Reicht bis {time}|Dura fino alle {time}|Ajunge până la {time}
full|Full|Voll|Carica|Plină
at_reserve|At reserve ({level})|An der Reserve ({level})|Alla riserva ({level})|La rezervă ({level})
of_capacity|{stored} of {capacity}|{stored} von {capacity}|{stored} di {capacity}|{stored} din {capacity}
peak_shaving_line|Peak shaving: up to {limit} until {time}|Peak-Shaving: bis {limit} bis {time}|Peak shaving: fino al {limit} fino alle {time}|Peak shaving: până la {limit} până la {time}
peak_shaving_auto|Peak shaving: automatic|Peak-Shaving: automatisch|Peak shaving: automatico|Peak shaving: automat
plan|Plan|Plan|Piano|Plan
forecast|Forecast|Prognose|Previsione|Prognoză
level|State of charge|Ladezustand|Stato di carica|Nivel de încărcare
until|until {time}|bis {time}|fino alle {time}|până la {time}
limit|Limit {limit}|Grenze {limit}|Limite {limit}|Limită {limit}
power|Power|Leistung|Potenza|Putere
energy|Energy|Energie|Energia|Energie
week|Energy, last 7 days|Energie der letzten 7 Tage|Energia, ultimi 7 giorni|Energie, ultimele 7 zile
state|State|Zustand|Stato|Stare
phases|Phases|Phasen|Fasi|Faze
peak_shaving|Peak shaving|Peak-Shaving|Peak shaving|Peak shaving
controls|Controls|Steuerung|Comandi|Comenzi
wallbox|Wallbox
other|Other values|Weitere Werte|Altri valori|Alte valori
silent|No data from {name}|Keine Daten von {name}|Nessun dato da {name}|Nicio dată de la {name}
unit|Unit|Einheit|Unità|Unitate
month|Month|Monat|Mese|Lună
year|Year|Jahr|Anno|An
search|Search|Suche|Cerca|Caută
total|Total|Summe|Totale|Total
alerts|Alerts|Alarme|Allarmi|Alarme
readings|Readings|Zählerstände|Letture|Indexuri
csv|Download CSV|CSV herunterladen|Scarica CSV|Descarcă CSV
last_report|Last report {time}|Letzter Bericht {time}|Ultimo rapporto {time}|Ultimul raport {time}
quiet|{count} of {all} meters without a report since yesterday|{count} von {all} Zählern ohne Bericht seit gestern|{count} di {all} contatori senza rapporto da ieri|{count} din {all} contoare fără raport de ieri
billing|Billing date {date}|Stichtag {date}|Data di fatturazione {date}|Data facturării {date}
no_match|No meter matches|Kein passender Zähler|Nessun contatore corrisponde|Niciun contor potrivit
electricity|Electricity|Strom|Elettricità|Electricitate
heat|Heat|Wärme|Calore|Căldură
cooling|Cooling|Kälte|Freddo|Răcire
cold|Cold water|Kaltwasser|Acqua fredda|Apă rece
warm|Warm water|Warmwasser|Acqua calda|Apă caldă
gas|Gas|Gas|Gas|Gaz
heat_cost|Heat cost units|Heizkosteneinheiten|Unità di ripartizione|Unități de repartizare
energy_text|Not in the energy dashboard: {sources}|Noch nicht im Energie-Dashboard: {sources}|Non nella plancia energia: {sources}|Nu sunt în tabloul de energie: {sources}
energy_button|Add to energy dashboard|Zum Energie-Dashboard hinzufügen|Aggiungi alla plancia energia|Adaugă în tabloul de energie
energy_sure|Add the sources measured by Hausstrom to the energy dashboard?|Die Quellen, die Hausstrom misst, zum Energie-Dashboard hinzufügen?|Aggiungere alla plancia energia le fonti misurate da Hausstrom?|Adaugi în tabloul de energie sursele măsurate de Hausstrom?
empty_title|No device yet|Noch kein Gerät|Ancora nessun dispositivo|Încă niciun dispozitiv
empty_text|Add a battery, smart meter, GX device or meter gateway to get started.|Füge einen Speicher, einen Smart Meter, ein GX oder ein Zähler-Gateway hinzu.|Aggiungi un accumulo, un contatore, un GX o un gateway di contatori.|Adaugă o baterie, un contor inteligent, un GX sau un gateway de contoare.
empty_guest|An administrator can add one.|Das kann ein Administrator.|Può farlo un amministratore.|O poate face un administrator.
empty_button|Add a device|Gerät hinzufügen|Aggiungi un dispositivo|Adaugă un dispozitiv`;

const LANGUAGES = ["en", "de", "it", "ro"];
/** @type {Record<string, Record<string, string>>} language → key → text */
export const TEXTS = Object.fromEntries(LANGUAGES.map((language) => [language, {}]));
for (const row of TABLE.trim().split("\n")) {
	const [key, ...texts] = row.split("|");
	LANGUAGES.forEach((language, number) => (TEXTS[language][key] = texts[number] ?? texts[0]));
}

/** Return the texts of a language such as "de-AT"; English where there are none. */
export const textsOf = (language) => TEXTS[(language || "en").split("-")[0]] || TEXTS.en;

/** Put values into a text's places, such as {time}. */
export const filled = (text, values) => text.replace(/\{(\w+)\}/g, (place, key) => values[key] ?? place);
