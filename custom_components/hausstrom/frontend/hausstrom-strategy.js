/**
 * A dashboard that builds itself from the devices of Hausstrom.
 *
 * Use: `strategy: {type: custom:hausstrom}`. Depends on nothing; all cards are Home Assistant's
 * own. Devices are known by their identifiers (domain, "<kind>_<id>[_<part>]"), values by the
 * translation key of their entity.
 */

const DOMAIN = "hausstrom";

const TEXTS = {
  en: {
    description: "This home's power: now, today, every device. Builds itself.",
    now: "Now", curves: "Curves", today: "Today", flow: "Flow", warnings: "Warnings",
    solar: "Solar", battery: "Battery", grid: "Grid", house: "House", car: "Car",
    level: "Battery level", mix: "Power mix", charging: "Battery charging",
    produced: "Produced", imported: "Drawn from the grid", exported: "Fed into the grid",
    charged: "Charged", discharged: "Discharged", consumed: "Consumed", driven: "Into the car",
    power: "Power", energy: "Energy", week: "Energy of the last 7 days", state: "State",
    phases: "Phases", peak_shaving: "Peak shaving", controls: "Controls", wallbox: "Wallbox",
    other: "Other values", meters: "Other meters", silent: "{name} is silent",
    electricity: "Electricity", heat: "Heat", cooling: "Cooling", cold_water: "Cold water",
    warm_water: "Warm water", water: "Water", gas: "Gas", smoke_detector: "Smoke detectors",
    room_sensor: "Room sensors", heat_cost_allocator: "Heat cost allocators",
    energy_title: "The energy dashboard is empty",
    energy_text: "Home Assistant shows what flows where, and the days, weeks and years, once it knows the sources. Hausstrom can add them.",
    energy_button: "Add this home", energy_sure: "Add the sources that Hausstrom measures to the energy dashboard?",
    empty_title: "No device yet",
    empty_text: "Add your battery, your smart meter, your GX or your meter gateway. The dashboard then builds itself.",
    empty_button: "Add a device",
  },
  de: {
    description: "Der Strom dieses Zuhauses: jetzt, heute, jedes Gerät. Baut sich selbst.",
    now: "Jetzt", curves: "Verlauf", today: "Heute", flow: "Energiefluss", warnings: "Warnungen",
    solar: "Photovoltaik", battery: "Batterie", grid: "Netz", house: "Haus", car: "Auto",
    level: "Batterieladestand", mix: "Strommix", charging: "Batterie lädt mit",
    produced: "Erzeugt", imported: "Netzbezug", exported: "Eingespeist",
    charged: "Geladen", discharged: "Entladen", consumed: "Verbraucht", driven: "Ins Auto",
    power: "Leistung", energy: "Energie", week: "Energie der letzten 7 Tage", state: "Zustand",
    phases: "Phasen", peak_shaving: "Spitzenkappung", controls: "Steuerung", wallbox: "Wallbox",
    other: "Weitere Werte", meters: "Weitere Zähler", silent: "{name} meldet sich nicht",
    electricity: "Strom", heat: "Wärme", cooling: "Kälte", cold_water: "Kaltwasser",
    warm_water: "Warmwasser", water: "Wasser", gas: "Gas", smoke_detector: "Rauchmelder",
    room_sensor: "Raumfühler", heat_cost_allocator: "Heizkostenverteiler",
    energy_title: "Das Energie-Dashboard ist leer",
    energy_text: "Home Assistant zeigt, was wohin fließt, und die Tage, Wochen und Jahre, sobald es die Quellen kennt. Hausstrom kann sie hinzufügen.",
    energy_button: "Dieses Zuhause hinzufügen", energy_sure: "Die Quellen, die Hausstrom misst, zum Energie-Dashboard hinzufügen?",
    empty_title: "Noch kein Gerät",
    empty_text: "Füge deine Batterie, deinen Smart Meter, dein GX oder dein Zähler-Gateway hinzu. Dann baut sich das Dashboard selbst.",
    empty_button: "Gerät hinzufügen",
  },
  it: {
    description: "L'energia di questa casa: adesso, oggi, ogni dispositivo. Si costruisce da sé.",
    now: "Adesso", curves: "Andamento", today: "Oggi", flow: "Flusso", warnings: "Avvisi",
    solar: "Fotovoltaico", battery: "Batteria", grid: "Rete", house: "Casa", car: "Auto",
    level: "Livello della batteria", mix: "Provenienza della corrente", charging: "Carica della batteria",
    produced: "Prodotta", imported: "Prelevata dalla rete", exported: "Immessa in rete",
    charged: "Caricata", discharged: "Scaricata", consumed: "Consumata", driven: "Nell'auto",
    power: "Potenza", energy: "Energia", week: "Energia degli ultimi 7 giorni", state: "Stato",
    phases: "Fasi", peak_shaving: "Taglio dei picchi", controls: "Comandi", wallbox: "Wallbox",
    other: "Altri valori", meters: "Altri contatori", silent: "{name} non risponde",
    electricity: "Elettricità", heat: "Calore", cooling: "Freddo", cold_water: "Acqua fredda",
    warm_water: "Acqua calda", water: "Acqua", gas: "Gas", smoke_detector: "Rilevatori di fumo",
    room_sensor: "Sensori ambiente", heat_cost_allocator: "Ripartitori di calore",
    energy_title: "La plancia dell'energia è vuota",
    energy_text: "Home Assistant mostra che cosa scorre dove, e i giorni, le settimane e gli anni, quando conosce le fonti. Hausstrom può aggiungerle.",
    energy_button: "Aggiungi questa casa", energy_sure: "Aggiungere alla plancia dell'energia le fonti che Hausstrom misura?",
    empty_title: "Ancora nessun dispositivo",
    empty_text: "Aggiungi la batteria, il contatore, il GX o il gateway dei contatori. Poi la plancia si costruisce da sé.",
    empty_button: "Aggiungi un dispositivo",
  },
  ro: {
    description: "Energia acestei case: acum, azi, fiecare dispozitiv. Se construiește singur.",
    now: "Acum", curves: "Evoluție", today: "Azi", flow: "Flux", warnings: "Avertizări",
    solar: "Fotovoltaic", battery: "Baterie", grid: "Rețea", house: "Casă", car: "Mașină",
    level: "Nivelul bateriei", mix: "Proveniența curentului", charging: "Încărcarea bateriei",
    produced: "Produsă", imported: "Luată din rețea", exported: "Livrată în rețea",
    charged: "Încărcată", discharged: "Descărcată", consumed: "Consumată", driven: "În mașină",
    power: "Putere", energy: "Energie", week: "Energia ultimelor 7 zile", state: "Stare",
    phases: "Faze", peak_shaving: "Limitarea vârfurilor", controls: "Comenzi", wallbox: "Wallbox",
    other: "Alte valori", meters: "Alte contoare", silent: "{name} tace",
    electricity: "Electricitate", heat: "Căldură", cooling: "Răcire", cold_water: "Apă rece",
    warm_water: "Apă caldă", water: "Apă", gas: "Gaz", smoke_detector: "Detectoare de fum",
    room_sensor: "Senzori de cameră", heat_cost_allocator: "Repartitoare de căldură",
    energy_title: "Tabloul de energie este gol",
    energy_text: "Home Assistant arată ce curge unde, precum și zilele, săptămânile și anii, când cunoaște sursele. Hausstrom le poate adăuga.",
    energy_button: "Adaugă această casă", energy_sure: "Adaugi în tabloul de energie sursele măsurate de Hausstrom?",
    empty_title: "Încă niciun dispozitiv",
    empty_text: "Adaugă bateria, contorul inteligent, GX-ul sau gateway-ul de contoare. Apoi tabloul se construiește singur.",
    empty_button: "Adaugă un dispozitiv",
  },
};

const textsOf = (language) => TEXTS[(language || "en").split("-")[0]] || TEXTS.en;

// --- what there is ----------------------------------------------------------------------

// The longer names first: every one of SENEC's begins with "senec_".
const KINDS = {
  senec_cloud: "senec_cloud_",
  senec_connect: "senec_connect_",
  senec_local: "senec_",
  evn: "evn_",
  victron: "victron_",
  smartlog: "smartlog_",
};
const KIND_ORDER = ["senec_local", "senec_cloud", "senec_connect", "victron", "evn", "smartlog"];

const PART_ICONS = {
  battery: "mdi:battery", solarcharger: "mdi:solar-panel", pvinverter: "mdi:solar-power",
  grid: "mdi:transmission-tower", vebus: "mdi:current-ac", multi: "mdi:current-ac",
  inverter: "mdi:current-ac", evcharger: "mdi:ev-station", tank: "mdi:storage-tank",
  temperature: "mdi:thermometer", acload: "mdi:power-plug", heatpump: "mdi:heat-pump",
};

const isDiagnostic = (entity) => entity.entity_category === "diagnostic";
const nameOf = (device) => device.name_by_user || device.name || "";

/** Return our devices that have none above them, each with its values and its parts. */
function inventory(hass) {
  const devices = new Map();
  for (const device of Object.values(hass.devices)) {
    const identifier = (device.identifiers || []).find(([domain]) => domain === DOMAIN);
    if (!identifier || device.disabled_by) continue;
    const kind = Object.keys(KINDS).find((name) => identifier[1].startsWith(KINDS[name]));
    if (!kind) continue;
    devices.set(device.id, { device, kind, id: identifier[1], entities: [], parts: [] });
  }
  for (const entity of Object.values(hass.entities)) {
    if (entity.platform !== DOMAIN || entity.hidden || !hass.states[entity.entity_id]) continue;
    devices.get(entity.device_id)?.entities.push(entity);
  }
  const main = [];
  for (const item of devices.values()) {
    item.entities.sort((one, other) => one.entity_id.localeCompare(other.entity_id));
    const above = devices.get(item.device.via_device_id);
    if (above) {
      item.service = item.id.slice(above.id.length + 1).split("_")[0];
      above.parts.push(item);
    } else {
      main.push(item);
    }
  }
  const byName = (one, other) => nameOf(one.device).localeCompare(nameOf(other.device), undefined, { numeric: true });
  for (const item of main) item.parts.sort(byName);
  return main.sort(
    (one, other) => KIND_ORDER.indexOf(one.kind) - KIND_ORDER.indexOf(other.kind) || byName(one, other),
  );
}

// --- which value plays which role -------------------------------------------------------

const senec = (...keys) => ["senec_local", "senec_cloud", "senec_connect"].map((kind) => ({ kind, keys }));
const gx = (key, service) => ({ kind: "victron", keys: [key], service });

/**
 * For each role the groups of places to look in. Of a group the first place that has a value
 * counts (the places measure the same); every group counts.
 */
const ROLES = {
  solar: { groups: [senec("inverter_power"), [gx("gx_pv_power")]], color: "amber", icon: "mdi:solar-power" },
  battery: { groups: [senec("bat_power")], color: "teal", icon: "mdi:home-battery" },
  // A GX counts charging as positive, where Home Assistant and SENEC count discharging.
  charging: { groups: [[gx("gx_battery_power")]], color: "teal", icon: "mdi:battery-charging" },
  grid: {
    groups: [[{ kind: "evn", keys: ["power"] }, gx("gx_power", "grid"), ...senec("grid_power"), gx("gx_grid_power")]],
    color: "blue", icon: "mdi:transmission-tower",
  },
  house: { groups: [[...senec("house_power"), gx("gx_consumption_power")]], color: "deep-purple", icon: "mdi:home-lightning-bolt" },
  car: { groups: [senec("wallbox_charge_power"), [gx("gx_power", "evcharger")]], color: "green", icon: "mdi:ev-station" },
};
const LEVELS = [senec("bat_fuel_charge"), [gx("gx_battery_soc"), gx("gx_soc", "battery")]];
const ENERGIES = {
  produced: [senec("inverter_energy", "inverter_energy_today"), [gx("gx_energy_produced", "pvinverter")], [gx("gx_energy_produced", "solarcharger"), gx("gx_dc_pv_energy")]],
  consumed: [senec("house_energy", "house_energy_today")],
  imported: [[{ kind: "evn", keys: ["energy_import"] }, gx("gx_energy_import", "grid"), ...senec("grid_import_energy", "grid_import_energy_today")]],
  exported: [[{ kind: "evn", keys: ["energy_export"] }, gx("gx_energy_export", "grid"), ...senec("grid_export_energy", "grid_export_energy_today")]],
  charged: [senec("bat_charge_energy", "bat_charge_energy_today"), [gx("gx_battery_charge_energy"), gx("gx_energy_charged", "battery")]],
  discharged: [senec("bat_discharge_energy", "bat_discharge_energy_today"), [gx("gx_battery_discharge_energy"), gx("gx_energy_discharged", "battery")]],
  driven: [senec("wallbox_energy", "wallbox_energy_today"), [gx("gx_energy_consumed", "evcharger")]],
};

/** Return all values at one place: `{entity, device}`. */
function valuesAt(home, { kind, keys, service }) {
  return home
    .filter((item) => item.kind === kind)
    .flatMap((item) => (service ? item.parts.filter((part) => part.service === service) : [item]))
    .flatMap((item) =>
      item.entities
        .filter((entity) => keys.includes(entity.translation_key))
        .map((entity) => ({ entity: entity.entity_id, device: nameOf(item.device) })),
    );
}

const valuesOf = (home, groups) =>
  groups.flatMap((places) => places.map((place) => valuesAt(home, place)).find((values) => values.length) || []);

/** Name the values of a role: by the role, and by the device where there are several. */
const named = (values, name) =>
  values.map(({ entity, device }) => ({ entity, name: values.length > 1 ? `${name} · ${device}` : name }));

/** Name a value beside an icon that tells its role: of several the device is enough. */
const nameBesideIcon = (values, { device }, name) => (values.length > 1 ? device : name);

/** How wide a card is: half a section, or all of it where its name is long. */
const widthOf = (values) => (values.length > 1 ? 12 : 6);

// --- cards ------------------------------------------------------------------------------

const heading = (text, icon, more = {}) => ({ type: "heading", heading: text, icon, heading_style: "title", ...more });
const section = (cards, more = {}) => ({ type: "grid", cards, ...more });
const entityName = { type: "entity" };
const width = (columns, rows) => ({ grid_options: rows ? { columns, rows } : { columns } });
const full = { grid_options: { columns: "full" } };

const view = (path, title, icon, sections, more = {}) => ({
  type: "sections", path, title, ...(icon ? { icon } : {}), max_columns: 3, dense_section_placement: true, sections, ...more,
});

const openDevice = (device) => ({ action: "navigate", navigation_path: `/config/devices/device/${device.id}` });

/** Lay out cards that are 6 wide so that none stands alone beside a gap. */
function paired(cards) {
  let open = null;
  for (const card of cards) {
    const wide = card.grid_options?.columns !== 6;
    if (wide && open) Object.assign(open, width(12));
    open = wide || open ? null : card;
  }
  if (open) Object.assign(open, width(12));
  return cards;
}

function nowSection(home, hass, texts) {
  const powers = Object.entries(ROLES).flatMap(([role, { groups, color, icon }]) => {
    const values = valuesOf(home, groups);
    return values.map((value) => ({
      type: "tile", entity: value.entity, name: nameBesideIcon(values, value, texts[role]), color, icon, features: [{ type: "trend-graph", hours_to_show: 3 }],
      ...(values.length > 1 ? { features_position: "inline" } : {}), ...width(widthOf(values)),
    }));
  });
  const levels = valuesOf(home, LEVELS);
  const gauges = levels.map((value) => ({
    type: "tile", entity: value.entity, name: nameBesideIcon(levels, value, texts.level), color: "teal", features: [{ type: "bar-gauge", min: 0, max: 100 }],
    ...(levels.length > 1 ? { features_position: "inline" } : {}), ...width(widthOf(levels)),
  }));
  const cards = [...powers, ...gauges];
  const warnings = warningCards(home, hass, texts);
  if (!cards.length && !warnings.length) return [];
  return [section([...warnings, heading(texts.now, "mdi:flash"), ...paired(cards)])];
}

function mixCards(home, texts) {
  const entities = ["solar", "battery", "grid"].flatMap((role) =>
    named(valuesOf(home, ROLES[role].groups), texts[role]).map((value) => ({ ...value, color: ROLES[role].color })),
  );
  if (entities.length < 2 || valuesOf(home, ROLES.charging.groups).length) return [];
  return [{ type: "distribution", title: "", entities, ...full }];
}

const hasSources = (preferences) => Boolean(preferences?.energy_sources?.length);
const hasRates = (preferences) =>
  [...(preferences?.energy_sources || []), ...(preferences?.device_consumption || [])].some(
    (source) => source.stat_rate || source.power_config,
  );

function flowSection(home, hass, texts, preferences) {
  const cards = mixCards(home, texts);
  if (hasRates(preferences)) {
    cards.push({ type: "power-sankey", layout: "auto", ...full });
  }
  if (!hasSources(preferences)) {
    const offer = {
      type: "empty-state", icon: "mdi:lightning-bolt", title: texts.energy_title, content: texts.energy_text,
      buttons: [{
        text: texts.energy_button, icon: "mdi:plus",
        tap_action: {
          action: "perform-action", perform_action: `${DOMAIN}.setup_energy_dashboard`,
          confirmation: { text: texts.energy_sure },
        },
      }],
      ...full,
    };
    if (hass.user?.is_admin && measuresEnergy(home)) cards.push(offer);
  }
  return cards.length ? [section([heading(texts.flow, "mdi:transit-connection-variant"), ...cards])] : [];
}

const measuresEnergy = (home) => Object.values(ENERGIES).some((groups) => valuesOf(home, groups).length);

function todaySection(home, texts, preferences) {
  const cards = [];
  if (hasSources(preferences)) {
    cards.push({ type: "energy-distribution", link_dashboard: true, ...full });
    if (preferences.energy_sources.some((source) => source.type === "solar")) {
      cards.push({ type: "energy-self-sufficiency-gauge", ...width(6) }, { type: "energy-solar-consumed-gauge", ...width(6) });
    }
  } else {
    for (const [what, groups] of Object.entries(ENERGIES)) {
      const values = valuesOf(home, groups);
      cards.push(...named(values, texts[what]).map((value) => ({
        type: "statistic", ...value, stat_type: "change", period: { calendar: { period: "day" } },
        ...width(widthOf(values), 2),
      })));
    }
  }
  return cards.length ? [section([heading(texts.today, "mdi:calendar-today"), ...paired(cards)])] : [];
}

// --- warnings ---------------------------------------------------------------------------

const ALARMS = ["problem", "smoke", "safety", "gas", "tamper", "carbon_monoxide"];
const GOOD_WHEN_ON = ["current_state_ok", "bat_module_of_ok", "reporting", "online"];

/** Return what is wrong when an entity has a certain state: `{entity, state, name}`. */
function dangersOf(item, hass, texts) {
  const dangers = [];
  for (const entity of item.entities) {
    const state = hass.states[entity.entity_id];
    if (!entity.entity_id.startsWith("binary_sensor.")) continue;
    if (ALARMS.includes(state.attributes.device_class)) dangers.push({ entity: entity.entity_id, state: "on" });
    else if (GOOD_WHEN_ON.includes(entity.translation_key)) dangers.push({ entity: entity.entity_id, state: "off" });
  }
  const pulse = item.entities.find(
    (entity) => !isDiagnostic(entity) && hass.states[entity.entity_id].attributes.state_class === "measurement",
  );
  if (pulse) {
    dangers.push({ entity: pulse.entity_id, state: "unavailable", name: texts.silent.replace("{name}", nameOf(item.device)) });
  }
  return dangers;
}

/** Return cards that are there only while something is wrong, with a heading of their own. */
function warningCards(home, hass, texts) {
  const dangers = home
    .flatMap((item) => [item, ...item.parts])
    .flatMap((item) => dangersOf(item, hass, texts));
  if (!dangers.length) return [];
  const conditions = dangers.map(({ entity, state }) => ({ condition: "state", entity, state }));
  const cards = dangers.map(({ entity, name }, number) => ({
    type: "tile", entity, color: "red", ...(name ? { name, icon: "mdi:lan-disconnect", hide_state: true } : {}),
    visibility: [conditions[number]], ...width(12),
  }));
  return [heading(texts.warnings, "mdi:alert", { visibility: [{ condition: "or", conditions }] }), ...cards];
}

// --- curves -----------------------------------------------------------------------------

function curvesView(home, texts, hasStatistics) {
  const lines = (groups, name) => named(valuesOf(home, groups), name);
  const powers = Object.entries(ROLES).flatMap(([role, { groups }]) => lines(groups, texts[role]));
  const levels = lines(LEVELS, texts.level);
  const energies = ["produced", "imported", "exported"].flatMap((what) => lines(ENERGIES[what], texts[what]));
  // Statistics are five minutes apart and light; a house of the first minutes has none yet.
  const curve = (entities, more) =>
    hasStatistics
      ? {
          type: "statistics-graph", entities, chart_type: "line", period: "5minute", days_to_show: 1,
          stat_types: ["mean"], hide_legend: false, ...more, ...full,
        }
      : { type: "history-graph", entities, hours_to_show: 3, ...more, ...full };
  const wide = (text, icon, card) => section([heading(text, icon), card], { column_span: 3 });
  const sections = [];
  if (powers.length) sections.push(wide(texts.power, "mdi:flash", curve(powers, {})));
  if (levels.length) sections.push(wide(texts.level, "mdi:battery", curve(levels, { min_y_axis: 0, max_y_axis: 100 })));
  if (energies.length) {
    const bars = { chart_type: "bar", period: "day", days_to_show: 7, stat_types: ["change"] };
    sections.push(wide(texts.week, "mdi:chart-bar", { type: "statistics-graph", entities: energies, ...bars, ...full }));
  }
  return sections.length ? [view("curves", texts.curves, "mdi:chart-line", sections)] : [];
}

// --- devices ----------------------------------------------------------------------------

const CONTROL_FEATURES = {
  select: [{ type: "select-options" }],
  number: [{ type: "numeric-input", style: "slider" }],
  switch: [{ type: "toggle" }],
};
const domainOf = (entity) => entity.entity_id.split(".")[0];
const isControl = (entity) => ["select", "number", "switch", "time", "button"].includes(domainOf(entity));

/** The groups of a device's values; the first that fits takes a value. */
const GROUPS = [
  ["peak_shaving", "mdi:chart-bell-curve", (entity) => /^(peak_shaving|export_limit)/.test(entity.translation_key || "")],
  ["wallbox", "mdi:ev-station", (entity) => /^(wallbox|ev_connected)/.test(entity.translation_key || "")],
  ["controls", "mdi:tune-variant", (entity) => isControl(entity)],
  ["phases", "mdi:sine-wave", (entity) => /phase|_ac$/.test(entity.translation_key || "")],
  ["state", "mdi:flash", (entity, state) => isTelling(entity, state)],
  ["energy", "mdi:meter-electric", (entity, state) => state.attributes.device_class === "energy"],
  ["battery", "mdi:battery", (entity) => /^(bat|bms|tempmeasure_battery|gx_battery|gx_soc)/.test(entity.translation_key || "")],
  ["other", "mdi:format-list-bulleted", () => true],
];
const GROUP_ORDER = ["state", "peak_shaving", "controls", "energy", "battery", "wallbox", "phases", "other"];

/** What a person looks at first: states, powers, the level of the battery. */
const isTelling = (entity, state) =>
  ["power", "battery"].includes(state.attributes.device_class) || /state/.test(entity.translation_key || "");

const rows = (entities) => ({
  type: "entities", entities: entities.map((entity) => ({ entity: entity.entity_id, name: entityName })), ...full,
});

const CONTROL_ORDER = ["select", "switch", "number", "time"];

/** Tiles to set values with; what has no such tile follows as rows. */
function controlCards(entities) {
  const place = (entity) => (CONTROL_ORDER.includes(domainOf(entity)) ? CONTROL_ORDER.indexOf(domainOf(entity)) : CONTROL_ORDER.length);
  const sorted = [...entities].sort((one, other) => place(one) - place(other));
  const plain = sorted.filter((entity) => !CONTROL_FEATURES[domainOf(entity)]);
  const tiles = sorted
    .filter((entity) => CONTROL_FEATURES[domainOf(entity)])
    .map((entity) => ({
      type: "tile", entity: entity.entity_id, name: entityName, features: CONTROL_FEATURES[domainOf(entity)], ...width(12),
    }));
  return plain.length ? [...tiles, rows(plain)] : tiles;
}

const levelFeature = { features: [{ type: "bar-gauge", min: 0, max: 100 }], features_position: "inline", ...width(12) };

/** Tiles to read values from: the level of a battery first, then states, then powers. */
function tellingCards(entities, hass) {
  const classOf = (entity) => hass.states[entity.entity_id].attributes.device_class;
  const place = (entity) => (classOf(entity) === "battery" ? 0 : classOf(entity) === "power" ? 2 : 1);
  return paired(
    [...entities]
      .sort((one, other) => place(one) - place(other))
      .map((entity) => ({
        type: "tile", entity: entity.entity_id, name: entityName,
        ...(classOf(entity) === "battery" ? levelFeature : width(6)),
      })),
  );
}

function groupSection(name, icon, entities, hass, texts) {
  const cards =
    name === "peak_shaving" ? controlCards(entities) : name === "state" ? tellingCards(entities, hass) : [rows(entities)];
  return section([heading(texts[name], icon), ...cards]);
}

function deviceSections(item, hass, texts) {
  const groups = new Map(GROUPS.map(([name, icon]) => [name, { icon, entities: [] }]));
  for (const entity of item.entities) {
    if (isDiagnostic(entity)) continue;
    const [name] = GROUPS.find(([, , fits]) => fits(entity, hass.states[entity.entity_id]));
    groups.get(name).entities.push(entity);
  }
  return GROUP_ORDER.filter((name) => groups.get(name).entities.length).map((name) =>
    groupSection(name, groups.get(name).icon, groups.get(name).entities, hass, texts),
  );
}

/** A part of a GX: its power as a tile, everything else as rows. */
function partSection(part, hass) {
  const shown = part.entities.filter((entity) => !isDiagnostic(entity));
  if (!shown.length) return [];
  const isMain = (entity) =>
    ["gx_power", "gx_pv_power", "gx_dc_power", "gx_soc", "gx_level", "gx_temperature", "gx_device_state", "gx_ev_charger_status"].includes(entity.translation_key);
  const main = shown.filter(isMain).slice(0, 2);
  const rest = shown.filter((entity) => !main.includes(entity));
  const tiles = main.map((entity) => ({
    type: "tile", entity: entity.entity_id, name: entityName, ...width(main.length > 1 ? 6 : 12),
  }));
  const title = heading(nameOf(part.device), PART_ICONS[part.service] || "mdi:devices", { tap_action: openDevice(part.device) });
  return [section([title, ...tiles, ...(rest.length ? [rows(rest)] : [])])];
}

// --- meters of a gateway ----------------------------------------------------------------

const MEDIA = {
  electricity: ["mdi:flash", "amber"], heat: ["mdi:radiator", "deep-orange"], cooling: ["mdi:snowflake", "light-blue"],
  cold_water: ["mdi:water", "blue"], warm_water: ["mdi:water-thermometer", "red"], water: ["mdi:water", "blue"],
  gas: ["mdi:meter-gas", "orange"], smoke_detector: ["mdi:smoke-detector", "grey"],
  room_sensor: ["mdi:home-thermometer", "green"], heat_cost_allocator: ["mdi:radiator", "deep-orange"],
};
const MEDIA_ORDER = Object.keys(MEDIA);
/** What a meter is read for, most telling first. */
const MAIN_CLASSES = ["smoke", "energy", "gas", "water", "volume", "temperature", "humidity", "power"];

/** Return the value that a meter is read for: of several of a class the greatest, the total. */
function mainValue(meter, hass) {
  const shown = meter.entities.filter((entity) => !isDiagnostic(entity));
  for (const deviceClass of MAIN_CLASSES) {
    const fitting = shown.filter((entity) => hass.states[entity.entity_id].attributes.device_class === deviceClass);
    if (fitting.length) {
      const value = (entity) => Number(hass.states[entity.entity_id].state) || 0;
      return fitting.reduce((best, entity) => (value(entity) > value(best) ? entity : best));
    }
  }
  return shown[0];
}

function meterSections(item, hass, texts) {
  const groups = new Map();
  for (const meter of item.parts) {
    const main = mainValue(meter, hass);
    if (!main) continue;
    const model = meter.device.model || "";
    // "Heat (outlet)" and "Heat (inlet)" are both heat.
    const slug = model.split("(")[0].trim().toLowerCase().replace(/[^a-z]+/g, "_");
    const name = MEDIA[slug] ? slug : model;
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push({ meter, main });
  }
  const place = (name) => (MEDIA_ORDER.includes(name) ? MEDIA_ORDER.indexOf(name) : MEDIA_ORDER.length);
  return [...groups.keys()]
    .sort((one, other) => place(one) - place(other))
    .map((name) => {
      const [icon, color] = MEDIA[name] || ["mdi:counter", "grey"];
      const meters = groups.get(name);
      const tiles = meters.map(({ meter, main }) => ({
        type: "tile", entity: main.entity_id, name: nameOf(meter.device), icon, color,
        icon_tap_action: openDevice(meter.device), ...width(6),
      }));
      return section([heading(texts[name] || name || texts.meters, icon), ...paired(tiles)]);
    });
}

function deviceView(item, hass, texts, number) {
  const sections = deviceSections(item, hass, texts);
  if (item.kind === "smartlog") sections.unshift(...meterSections(item, hass, texts));
  else sections.push(...item.parts.flatMap((part) => partSection(part, hass)));
  if (!sections.length) return [];
  // Without an icon: the tabs of several devices are told apart by their names.
  return [view(`device-${number}`, nameOf(item.device), undefined, sections)];
}

// --- the whole --------------------------------------------------------------------------

function emptyView(texts) {
  const card = {
    type: "empty-state", icon: "mdi:home-lightning-bolt", title: texts.empty_title, content: texts.empty_text,
    buttons: [{
      text: texts.empty_button, icon: "mdi:plus",
      tap_action: { action: "navigate", navigation_path: `/config/integrations/dashboard/add?domain=${DOMAIN}` },
    }],
    ...full,
  };
  return view("now", texts.now, "mdi:flash", [section([card])], { max_columns: 1 });
}

const ask = (hass, message) => hass.callWS(message).catch(() => undefined);

/** Tell whether there are statistics of the last minutes for a value. */
async function hasStatistics(home, hass) {
  const [value] = Object.values(ROLES).flatMap(({ groups }) => valuesOf(home, groups));
  if (!value) return true;
  const found = await ask(hass, {
    type: "recorder/statistics_during_period", statistic_ids: [value.entity], period: "5minute",
    start_time: new Date(Date.now() - 30 * 60 * 1000).toISOString(), types: ["mean"],
  });
  return Boolean(found?.[value.entity]?.length);
}

class HausstromDashboardStrategy extends HTMLElement {
  static registryDependencies = ["entities", "devices"];

  static async generate(_config, hass) {
    const texts = textsOf(hass.locale?.language || hass.language);
    const home = inventory(hass);
    if (!home.length) return { views: [emptyView(texts)] };
    const [preferences, statistics] = await Promise.all([
      ask(hass, { type: "energy/get_prefs" }),
      hasStatistics(home, hass),
    ]);
    const now = [
      ...nowSection(home, hass, texts),
      ...flowSection(home, hass, texts, preferences),
      ...todaySection(home, texts, preferences),
    ];
    return {
      views: [
        view("now", texts.now, "mdi:flash", now),
        ...curvesView(home, texts, statistics),
        ...home.flatMap((item, number) => deviceView(item, hass, texts, number + 1)),
      ],
    };
  }

  static getCreateSuggestions() {
    return { title: "Hausstrom", icon: "mdi:home-lightning-bolt" };
  }
}

customElements.define("ll-strategy-dashboard-hausstrom", HausstromDashboardStrategy);

window.customStrategies = window.customStrategies || [];
window.customStrategies.push({
  type: "hausstrom",
  strategyType: "dashboard",
  name: "Hausstrom",
  description: textsOf(document.documentElement.lang || navigator.language).description,
  documentationURL: "https://github.com/hausstrom/hausstrom/blob/main/docs/dashboard.md",
});
