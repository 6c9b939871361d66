/** What the dashboard says, in four languages. Terms: the glossary of the project. */

const en = {
  description: "Power and energy of your home, now, today and per device. No configuration needed.",
  now: "Now", curves: "History", today: "Today", flow: "Power flow", warnings: "Warnings", building: "Consumption",
  solar: "Solar", battery: "Battery", grid: "Grid", house: "House", ev: "EV", heat_pump: "Heat pump", generator: "Generator",
  importing: "Importing", exporting: "Exporting", charging: "Charging", discharging: "Discharging", idle: "Idle",
  no_data: "No data since {time}", waiting: "Waiting for the first value", nothing: "Nothing here yet",
  self_sufficiency: "Self-sufficiency", self_consumption: "Self-consumption",
  produced: "Produced", consumed: "Consumed", imported: "Imported", exported: "Exported", charged: "Charged", discharged: "Discharged", driven: "EV charging",
  saved: "Saved", cost: "Cost", price_hint: "Enter your electricity price to see what you save",
  full_at: "Full at {time}", lasts_until: "Lasts until {time}", full: "Full", at_reserve: "At reserve ({level})", of_capacity: "{stored} of {capacity}",
  peak_shaving_line: "Peak shaving: up to {limit} until {time}", peak_shaving_auto: "Peak shaving: automatic",
  plan: "Plan", forecast: "Forecast", level: "State of charge", until: "until {time}", limit: "Limit {limit}",
  power: "Power", energy: "Energy", week: "Energy, last 7 days", state: "State", phases: "Phases", peak_shaving: "Peak shaving",
  controls: "Controls", wallbox: "Wallbox", other: "Other values", silent: "No data from {name}",
  unit: "Unit", month: "Month", year: "Year", search: "Search", total: "Total", alerts: "Alerts", readings: "Readings", csv: "Download CSV",
  last_report: "Last report {time}", quiet: "{count} of {all} meters without a report since yesterday", billing: "Billing date {date}", no_match: "No meter matches",
  electricity: "Electricity", heat: "Heat", cooling: "Cooling", cold: "Cold water", warm: "Warm water", gas: "Gas", heat_cost: "Heat cost units",
  smoke: "Smoke detectors", room: "Room sensors", meters: "Other meters",
  energy_title: "Energy dashboard not complete", energy_text: "Not in the energy dashboard: {sources}", energy_button: "Add to energy dashboard",
  energy_sure: "Add the sources measured by Hausstrom to the energy dashboard?",
  empty_title: "No device yet", empty_text: "Add a battery, smart meter, GX device or meter gateway to get started.", empty_guest: "An administrator can add one.",
  empty_button: "Add a device",
};

/** @type {Record<string, Record<string, string>>} */
export const TEXTS = {
  en,
  de: {
    description: "Strom und Energie deines Zuhauses, jetzt, heute und je Gerät. Ohne Konfiguration.",
    now: "Jetzt", curves: "Verlauf", today: "Heute", flow: "Energiefluss", warnings: "Warnungen", building: "Verbrauch",
    solar: "Photovoltaik", battery: "Batterie", grid: "Netz", house: "Haus", ev: "Auto", heat_pump: "Wärmepumpe", generator: "Generator",
    importing: "Bezug", exporting: "Einspeisung", charging: "Lädt", discharging: "Entlädt", idle: "Leerlauf",
    no_data: "Keine Daten seit {time}", waiting: "Warten auf den ersten Wert", nothing: "Noch nichts da",
    self_sufficiency: "Autarkie", self_consumption: "Eigenverbrauch",
    produced: "Erzeugt", consumed: "Verbraucht", imported: "Bezogen", exported: "Eingespeist", charged: "Geladen", discharged: "Entladen", driven: "Auto geladen",
    saved: "Gespart", cost: "Kosten", price_hint: "Strompreis eintragen, um deine Ersparnis zu sehen",
    full_at: "Voll um {time}", lasts_until: "Reicht bis {time}", full: "Voll", at_reserve: "An der Reserve ({level})", of_capacity: "{stored} von {capacity}",
    peak_shaving_line: "Peak-Shaving: bis {limit} bis {time}", peak_shaving_auto: "Peak-Shaving: automatisch",
    plan: "Plan", forecast: "Prognose", level: "Ladezustand", until: "bis {time}", limit: "Grenze {limit}",
    power: "Leistung", energy: "Energie", week: "Energie der letzten 7 Tage", state: "Zustand", phases: "Phasen", peak_shaving: "Peak-Shaving",
    controls: "Steuerung", wallbox: "Wallbox", other: "Weitere Werte", silent: "Keine Daten von {name}",
    unit: "Einheit", month: "Monat", year: "Jahr", search: "Suche", total: "Summe", alerts: "Alarme", readings: "Zählerstände", csv: "CSV herunterladen",
    last_report: "Letzter Bericht {time}", quiet: "{count} von {all} Zählern ohne Bericht seit gestern", billing: "Stichtag {date}", no_match: "Kein passender Zähler",
    electricity: "Strom", heat: "Wärme", cooling: "Kälte", cold: "Kaltwasser", warm: "Warmwasser", gas: "Gas", heat_cost: "Heizkosteneinheiten",
    smoke: "Rauchmelder", room: "Raumsensoren", meters: "Weitere Zähler",
    energy_title: "Energie-Dashboard unvollständig", energy_text: "Noch nicht im Energie-Dashboard: {sources}", energy_button: "Zum Energie-Dashboard hinzufügen",
    energy_sure: "Die Quellen, die Hausstrom misst, zum Energie-Dashboard hinzufügen?",
    empty_title: "Noch kein Gerät", empty_text: "Füge einen Speicher, einen Smart Meter, ein GX oder ein Zähler-Gateway hinzu.", empty_guest: "Das kann ein Administrator.",
    empty_button: "Gerät hinzufügen",
  },
  it: {
    description: "L'energia della tua casa: adesso, oggi e per dispositivo. Nessuna configurazione necessaria.",
    now: "Adesso", curves: "Andamento", today: "Oggi", flow: "Flusso", warnings: "Avvisi", building: "Consumi",
    solar: "Fotovoltaico", battery: "Batteria", grid: "Rete", house: "Casa", ev: "Auto", heat_pump: "Pompa di calore", generator: "Generatore",
    importing: "Prelievo", exporting: "Immissione", charging: "In carica", discharging: "In scarica", idle: "Inattivo",
    no_data: "Nessun dato dalle {time}", waiting: "In attesa del primo valore", nothing: "Ancora niente",
    self_sufficiency: "Autosufficienza", self_consumption: "Autoconsumo",
    produced: "Prodotta", consumed: "Consumata", imported: "Prelevata", exported: "Immessa", charged: "Caricata", discharged: "Scaricata", driven: "Ricarica auto",
    saved: "Risparmio", cost: "Costo", price_hint: "Inserisci il prezzo dell'energia per vedere il risparmio",
    full_at: "Carica alle {time}", lasts_until: "Dura fino alle {time}", full: "Carica", at_reserve: "Alla riserva ({level})", of_capacity: "{stored} di {capacity}",
    peak_shaving_line: "Peak shaving: fino al {limit} fino alle {time}", peak_shaving_auto: "Peak shaving: automatico",
    plan: "Piano", forecast: "Previsione", level: "Stato di carica", until: "fino alle {time}", limit: "Limite {limit}",
    power: "Potenza", energy: "Energia", week: "Energia, ultimi 7 giorni", state: "Stato", phases: "Fasi", peak_shaving: "Peak shaving",
    controls: "Comandi", wallbox: "Wallbox", other: "Altri valori", silent: "Nessun dato da {name}",
    unit: "Unità", month: "Mese", year: "Anno", search: "Cerca", total: "Totale", alerts: "Allarmi", readings: "Letture", csv: "Scarica CSV",
    last_report: "Ultimo rapporto {time}", quiet: "{count} di {all} contatori senza rapporto da ieri", billing: "Data di fatturazione {date}", no_match: "Nessun contatore corrisponde",
    electricity: "Elettricità", heat: "Calore", cooling: "Freddo", cold: "Acqua fredda", warm: "Acqua calda", gas: "Gas", heat_cost: "Unità di ripartizione",
    smoke: "Rilevatori di fumo", room: "Sensori ambiente", meters: "Altri contatori",
    energy_title: "Plancia energia incompleta", energy_text: "Non nella plancia energia: {sources}", energy_button: "Aggiungi alla plancia energia",
    energy_sure: "Aggiungere alla plancia energia le fonti misurate da Hausstrom?",
    empty_title: "Ancora nessun dispositivo", empty_text: "Aggiungi un accumulo, un contatore, un GX o un gateway di contatori.", empty_guest: "Può farlo un amministratore.",
    empty_button: "Aggiungi un dispositivo",
  },
  ro: {
    description: "Energia casei tale: acum, azi și pe dispozitiv. Fără configurare.",
    now: "Acum", curves: "Evoluție", today: "Azi", flow: "Flux", warnings: "Avertizări", building: "Consum",
    solar: "Fotovoltaic", battery: "Baterie", grid: "Rețea", house: "Casă", ev: "Mașină", heat_pump: "Pompă de căldură", generator: "Generator",
    importing: "Import", exporting: "Export", charging: "Se încarcă", discharging: "Se descarcă", idle: "Inactiv",
    no_data: "Fără date de la {time}", waiting: "Se așteaptă prima valoare", nothing: "Încă nimic",
    self_sufficiency: "Autosuficiență", self_consumption: "Autoconsum",
    produced: "Produsă", consumed: "Consumată", imported: "Importată", exported: "Exportată", charged: "Încărcată", discharged: "Descărcată", driven: "Încărcare mașină",
    saved: "Economisit", cost: "Cost", price_hint: "Introdu prețul energiei ca să vezi cât economisești",
    full_at: "Plină la {time}", lasts_until: "Ajunge până la {time}", full: "Plină", at_reserve: "La rezervă ({level})", of_capacity: "{stored} din {capacity}",
    peak_shaving_line: "Peak shaving: până la {limit} până la {time}", peak_shaving_auto: "Peak shaving: automat",
    plan: "Plan", forecast: "Prognoză", level: "Nivel de încărcare", until: "până la {time}", limit: "Limită {limit}",
    power: "Putere", energy: "Energie", week: "Energie, ultimele 7 zile", state: "Stare", phases: "Faze", peak_shaving: "Peak shaving",
    controls: "Comenzi", wallbox: "Wallbox", other: "Alte valori", silent: "Nicio dată de la {name}",
    unit: "Unitate", month: "Lună", year: "An", search: "Caută", total: "Total", alerts: "Alarme", readings: "Indexuri", csv: "Descarcă CSV",
    last_report: "Ultimul raport {time}", quiet: "{count} din {all} contoare fără raport de ieri", billing: "Data facturării {date}", no_match: "Niciun contor potrivit",
    electricity: "Electricitate", heat: "Căldură", cooling: "Răcire", cold: "Apă rece", warm: "Apă caldă", gas: "Gaz", heat_cost: "Unități de repartizare",
    smoke: "Detectoare de fum", room: "Senzori de cameră", meters: "Alte contoare",
    energy_title: "Tablou de energie incomplet", energy_text: "Nu sunt în tabloul de energie: {sources}", energy_button: "Adaugă în tabloul de energie",
    energy_sure: "Adaugi în tabloul de energie sursele măsurate de Hausstrom?",
    empty_title: "Încă niciun dispozitiv", empty_text: "Adaugă o baterie, un contor inteligent, un GX sau un gateway de contoare.", empty_guest: "O poate face un administrator.",
    empty_button: "Adaugă un dispozitiv",
  },
};

/**
 * Return the texts of a language; English where we have none.
 * @param {string | undefined} language such as "de" or "de-AT"
 * @returns {Record<string, string>}
 */
export const textsOf = (language) => TEXTS[(language || "en").split("-")[0]] || en;

/**
 * Put values into a text's places.
 * @param {string} text with places such as {time}
 * @param {Record<string, string | number>} values
 */
export const filled = (text, values) => text.replace(/\{(\w+)\}/g, (place, key) => String(values[key] ?? place));
