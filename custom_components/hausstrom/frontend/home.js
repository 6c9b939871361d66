/**
 * What a home has: our devices, their values, and which value plays which role.
 *
 * Devices are known by their identifiers (domain, "<kind>_<id>[_<part>]"), values by the translation
 * key of their entity. Which devices are one system is decided by the integration and only followed here.
 */

export const DOMAIN = "hausstrom";

/**
 * @typedef {{device: Device, kind: string, id: string, system: string, service: string, entities: Entity[], parts: Item[]}} Item
 *   a device of ours; parts: the devices under it
 * @typedef {{entity: string, name?: string, invert?: boolean, daily?: boolean}} Part
 *   one value of a role; invert: its sign is the other way round; daily: a counter that begins anew each day
 * @typedef {{kind: string, keys: string[], service?: string, invert?: boolean}} Place
 * @typedef {{home?: boolean, places: Place[]}} Group
 *   of a group the first place with values counts, in each system or in the home as a whole
 * @typedef {{systems: {identifier: string, system: string, entry_id: string}[], meters: Record<string, string>, missing: string[]}} About
 *   what the integration says of the home
 */

// The longer names first: every one of SENEC's begins with "senec_".
/** @type {Record<string, string>} */
const KINDS = {
  senec_cloud: "senec_cloud_", senec_connect: "senec_connect_", senec_local: "senec_", evn: "evn_", victron: "victron_", smartlog: "smartlog_",
};
const KIND_ORDER = ["senec_local", "senec_cloud", "senec_connect", "victron", "evn", "smartlog"];

/** @param {Device} device */
export const nameOf = (device) => device.name_by_user || device.name || "";

/** @param {Entity} entity */
export const isDiagnostic = (entity) => entity.entity_category === "diagnostic";

/**
 * Return our devices that have none above them, each with its values and its parts.
 * @param {Hass} hass
 * @param {About} [about]
 * @returns {Item[]}
 */
export function inventory(hass, about) {
  const systems = new Map((about?.systems || []).map(({ identifier, system }) => [identifier, system]));
  /** @type {Map<string, Item>} */
  const devices = new Map();
  for (const device of Object.values(hass.devices)) {
    const id = (device.identifiers || []).find(([domain]) => domain === DOMAIN)?.[1];
    if (!id || device.disabled_by) continue;
    const kind = Object.keys(KINDS).find((name) => id.startsWith(KINDS[name]));
    if (kind) devices.set(device.id, { device, kind, id, system: systems.get(id) || id, service: "", entities: [], parts: [] });
  }
  for (const entity of Object.values(hass.entities)) {
    if (entity.platform !== DOMAIN || entity.hidden || !hass.states[entity.entity_id]) continue;
    devices.get(entity.device_id || "")?.entities.push(entity);
  }
  const main = [];
  for (const item of devices.values()) {
    item.entities.sort((one, other) => one.entity_id.localeCompare(other.entity_id));
    const above = devices.get(item.device.via_device_id || "");
    if (above) {
      item.service = item.id.slice(above.id.length + 1).split("_")[0];
      above.parts.push(item);
    } else {
      main.push(item);
    }
  }
  /** @param {Item} one @param {Item} other */
  const byName = (one, other) => nameOf(one.device).localeCompare(nameOf(other.device), undefined, { numeric: true });
  for (const item of main) item.parts.sort(byName);
  return main.sort((one, other) => KIND_ORDER.indexOf(one.kind) - KIND_ORDER.indexOf(other.kind) || byName(one, other));
}

/** @param {...string} keys */
const senec = (...keys) => ["senec_local", "senec_cloud", "senec_connect"].map((kind) => ({ kind, keys }));
/** @param {string} key @param {string} [service] */
const gx = (key, service) => ({ kind: "victron", keys: [key], service });
/** @param {...string} keys */
const evn = (...keys) => ({ kind: "evn", keys });

/**
 * Where the values of each role stand. Powers: grid + import, battery + discharge; a GX counts the
 * battery's charge as positive, and that is turned here, once.
 * @type {Record<string, Group[]>}
 */
export const ROLES = {
  solar: [{ places: [...senec("inverter_power"), gx("gx_pv_power")] }],
  battery: [{ places: [...senec("bat_power"), { ...gx("gx_battery_power"), invert: true }, { ...gx("gx_dc_power", "battery"), invert: true }] }],
  grid: [{ home: true, places: [evn("power"), gx("gx_power", "grid"), ...senec("grid_power"), gx("gx_grid_power")] }],
  house: [{ places: [...senec("house_power"), gx("gx_consumption_power")] }],
  ev: [{ places: [...senec("wallbox_charge_power"), gx("gx_power", "evcharger")] }],
  heat_pump: [{ places: [gx("gx_power", "heatpump")] }],
  generator: [{ places: [gx("gx_power", "genset"), gx("gx_generator_power")] }],
  level: [{ places: [...senec("bat_fuel_charge"), gx("gx_battery_soc"), gx("gx_soc", "battery")] }],
  reserve: [{ places: [...senec("emergency_reserve", "bat1_spare_capacity"), gx("gx_minimum_soc")] }],
  capacity: [{ places: senec("bat_capacity") }],
  health: [{ places: [...senec("bat_health"), ...senec("bms_soh")] }],
  charge_capacity: [{ places: [gx("gx_installed_capacity", "battery")] }],
  voltage: [{ places: [gx("gx_dc_voltage", "battery")] }],
  time_to_go: [{ places: [gx("gx_battery_time_to_go"), gx("gx_time_to_go", "battery")] }],
};

/** @param {string} key */
const daily = (key) => senec(key, `${key}_today`);

/** @type {Record<string, Group[]>} */
export const ENERGIES = {
  produced: [
    { places: daily("inverter_energy") },
    { places: [gx("gx_energy_produced", "pvinverter")] },
    { places: [gx("gx_energy_produced", "solarcharger"), gx("gx_dc_pv_energy")] },
  ],
  consumed: [{ places: daily("house_energy") }],
  imported: [{ home: true, places: [evn("energy_import"), gx("gx_energy_import", "grid"), ...daily("grid_import_energy")] }],
  exported: [{ home: true, places: [evn("energy_export"), gx("gx_energy_export", "grid"), ...daily("grid_export_energy")] }],
  charged: [{ places: [...daily("bat_charge_energy"), gx("gx_battery_charge_energy"), gx("gx_energy_charged", "battery")] }],
  discharged: [{ places: [...daily("bat_discharge_energy"), gx("gx_battery_discharge_energy"), gx("gx_energy_discharged", "battery")] }],
  driven: [{ places: [...daily("wallbox_energy"), gx("gx_energy_consumed", "evcharger")] }],
};

/**
 * Return the values at one place of some devices.
 * @param {Item[]} items
 * @param {Place} place
 * @returns {Part[]}
 */
function partsAt(items, { kind, keys, service, invert }) {
  return items
    .filter((item) => item.kind === kind)
    .flatMap((item) => (service ? item.parts.filter((part) => part.service === service) : [item]))
    .flatMap((item) =>
      item.entities
        .filter((entity) => keys.includes(entity.translation_key || ""))
        .map((entity) => ({
          entity: entity.entity_id, name: nameOf(item.device),
          ...(invert ? { invert } : {}), ...(entity.translation_key?.endsWith("_today") ? { daily: true } : {}),
        })),
    );
}

/**
 * Return all values of a role: each system's, where the same is seen twice the nearer.
 * @param {Item[]} home
 * @param {Group[]} groups
 * @returns {Part[]}
 */
export function partsOf(home, groups) {
  return groups.flatMap((group) =>
    scopes(home, group).flatMap((items) => group.places.map((place) => partsAt(items, place)).find((parts) => parts.length) || []),
  );
}

/** @param {Item[]} home @param {Group} group */
const scopes = (home, group) => (group.home ? [home] : systemsOf(home));

/**
 * Return the devices of each system.
 * @param {Item[]} home
 */
export const systemsOf = (home) =>
  [...new Set(home.map(({ system }) => system))].map((system) => home.filter((item) => item.system === system));

/**
 * Return the parts of every role that has some; the house only where one system sees all sources.
 * @param {Item[]} home
 * @returns {Record<string, Part[]>}
 */
export function rolesOf(home) {
  /** @type {Record<string, Part[]>} */
  const roles = {};
  for (const [role, groups] of Object.entries({ ...ROLES, ...ENERGIES })) {
    const parts = partsOf(home, groups);
    if (parts.length) roles[role] = parts;
  }
  const sources = systemsOf(home).filter((items) => ["solar", "battery"].some((role) => partsOf(items, ROLES[role]).length));
  if (sources.length > 1) {
    delete roles.house;
    delete roles.consumed;
  }
  return roles;
}

/**
 * Return the capacity (kWh) that stands in the model of a battery set up locally: "SENEC.Home V3 hybrid, 10 kWh".
 * @param {Item[]} items of one system
 */
const capacityInModel = (items) => items.map(({ device }) => Number(/, ([\d.]+) kWh$/.exec(device.model || "")?.[1])).find(Boolean);

/**
 * Return each system's battery: where its values stand, and its capacity if only its model tells.
 * @param {Item[]} home
 * @returns {Record<string, any>[]}
 */
export function batteriesOf(home) {
  return systemsOf(home).flatMap((items) => {
    const level = partsOf(items, ROLES.level)[0]?.entity;
    const power = partsOf(items, ROLES.battery);
    if (!level && !power.length) return [];
    /** @param {string} role */
    const ids = (role) => partsOf(items, ROLES[role]).map(({ entity }) => entity);
    return [{
      level, power, name: nameOf(items[0].device), reserve: ids("reserve")[0], capacity: ids("capacity")[0] || capacityInModel(items),
      health: ids("health"), charge_capacity: ids("charge_capacity")[0], voltage: ids("voltage")[0], time_to_go: ids("time_to_go")[0],
    }];
  });
}
