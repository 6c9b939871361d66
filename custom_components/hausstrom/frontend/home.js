/**
 * What a home has: our devices, their values, and which value plays which role.
 *
 * Devices are known by their identifiers (domain, "<kind>_<id>[_<part>]"), values by the translation key of their
 * entity. Which devices are one system is decided by the integration (`hausstrom/home`) and only followed here.
 *
 * Item: {device, kind, id, system, service, entities, parts}; parts are the devices under it.
 * Part: {entity, name, invert, daily}: one value of a role; invert: its sign is the other way round; daily: a counter
 * that begins anew each day.
 */

export const DOMAIN = "hausstrom";

// The longer names first: every one of SENEC's begins with "senec_".
const KINDS = { senec_cloud: "senec_cloud_", senec_connect: "senec_connect_", senec_local: "senec_", evn: "evn_", victron: "victron_", smartlog: "smartlog_" };
const ORDER = ["senec_local", "senec_cloud", "senec_connect", "victron", "evn", "smartlog"];

export const nameOf = (device) => device.name_by_user || device.name || "";
export const isDiagnostic = (entity) => entity.entity_category === "diagnostic";
export const keyOf = (entity) => entity.translation_key || "";

/** Return our devices that have none above them as items, in the order of their kinds and names. */
export function inventory(hass, about = undefined) {
	const systems = new Map((about?.systems || []).map(({ identifier, system }) => [identifier, system]));
	/** @type {Map<string, Item>} */
	const devices = new Map();
	for (const device of Object.values(hass.devices)) {
		const id = (device.identifiers || []).find(([domain]) => domain === DOMAIN)?.[1];
		const kind = id && Object.keys(KINDS).find((name) => id.startsWith(KINDS[name]));
		if (kind && !device.disabled_by) devices.set(device.id, { device, kind, id, system: systems.get(id) || id, service: "", entities: [], parts: [] });
	}
	for (const entity of Object.values(hass.entities)) {
		if (entity.platform === DOMAIN && !entity.hidden && hass.states[entity.entity_id]) devices.get(entity.device_id)?.entities.push(entity);
	}
	const main = [];
	for (const item of devices.values()) {
		item.entities.sort((one, other) => one.entity_id.localeCompare(other.entity_id));
		const above = devices.get(item.device.via_device_id);
		if (above) item.service = item.id.slice(above.id.length + 1).split("_")[0];
		(above ? above.parts : main).push(item);
	}
	const byName = (one, other) => nameOf(one.device).localeCompare(nameOf(other.device), undefined, { numeric: true });
	for (const item of main) item.parts.sort(byName);
	return main.sort((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind) || byName(one, other));
}

const senec = (...keys) => ["senec_local", "senec_cloud", "senec_connect"].map((kind) => ({ kind, keys }));
const daily = (key) => senec(key, `${key}_today`);
const gx = (key, service, invert) => ({ kind: "victron", keys: [key], service, invert });
const evn = (key) => ({ kind: "evn", keys: [key] });

/**
 * Where the values of each role stand: groups of places {kind, keys, service, invert}. Of a group the first place with
 * values counts, in each system; in the home as a whole for what there is one of. Powers: grid + import, battery
 * + discharge; a GX counts the battery's charge as positive, and that is turned here, once.
 */
export const ROLES = {
	solar: [[...senec("inverter_power"), gx("gx_pv_power")]],
	battery: [[...senec("bat_power"), gx("gx_battery_power", "", true), gx("gx_dc_power", "battery", true)]],
	grid: [[evn("power"), gx("gx_power", "grid"), ...senec("grid_power"), gx("gx_grid_power")]],
	house: [[...senec("house_power"), gx("gx_consumption_power")]],
	ev: [[...senec("wallbox_charge_power"), gx("gx_power", "evcharger")]],
	heat_pump: [[gx("gx_power", "heatpump")]],
	generator: [[gx("gx_power", "genset"), gx("gx_generator_power")]],
	level: [[...senec("bat_fuel_charge"), gx("gx_battery_soc"), gx("gx_soc", "battery")]],
	reserve: [[...senec("emergency_reserve", "bat1_spare_capacity"), gx("gx_minimum_soc")]],
	capacity: [senec("bat_capacity")],
	health: [[...senec("bat_health"), ...senec("bms_soh")]],
	charge_capacity: [[gx("gx_installed_capacity", "battery")]],
	voltage: [[gx("gx_dc_voltage", "battery")]],
	ess: [[gx("gx_ess_mode")]],
	time_to_go: [[gx("gx_battery_time_to_go"), gx("gx_time_to_go", "battery")]],
};
export const ENERGIES = {
	produced: [daily("inverter_energy"), [gx("gx_energy_produced", "pvinverter")], [gx("gx_energy_produced", "solarcharger"), gx("gx_dc_pv_energy")]],
	consumed: [daily("house_energy")],
	imported: [[evn("energy_import"), gx("gx_energy_import", "grid"), ...daily("grid_import_energy")]],
	exported: [[evn("energy_export"), gx("gx_energy_export", "grid"), ...daily("grid_export_energy")]],
	charged: [[...daily("bat_charge_energy"), gx("gx_battery_charge_energy"), gx("gx_energy_charged", "battery")]],
	discharged: [[...daily("bat_discharge_energy"), gx("gx_battery_discharge_energy"), gx("gx_energy_discharged", "battery")]],
	driven: [[...daily("wallbox_energy"), gx("gx_energy_consumed", "evcharger")]],
};
/** Return {role, invert} of a power that flows both ways; undefined: it does not. */
export function directionOf({ kind, service }, entity) {
	for (const role of ["grid", "battery"]) {
		const place = ROLES[role][0].find((one) => one.kind === kind && (one.service || "") === service && one.keys.includes(keyOf(entity)));
		if (place) return { role, ...(place.invert && { invert: true }) };
	}
}

const OF_HOME = ["grid", "imported", "exported"];

/** Return the parts at one place of some items. */
const partsAt = (items, { kind, keys, service, invert }) =>
	items.filter((item) => item.kind === kind)
		.flatMap((item) => (service ? item.parts.filter((part) => part.service === service) : [item]))
		.flatMap((item) => item.entities.filter((entity) => keys.includes(keyOf(entity))).map((entity) => ({
			entity: entity.entity_id, name: nameOf(item.device), ...(invert && { invert }), ...(keyOf(entity).endsWith("_today") && { daily: true }),
		})));

/** Return the parts of a role: each system's; where the same is seen twice, the nearer. */
export const partsOf = (home, role) =>
	(ROLES[role] || ENERGIES[role]).flatMap((places) =>
		(OF_HOME.includes(role) ? [home] : systemsOf(home)).flatMap((items) => places.map((place) => partsAt(items, place)).find((parts) => parts.length) || []));

/** Return the items of each system. */
const systemsOf = (home) => [...new Set(home.map(({ system }) => system))].map((system) => home.filter((item) => item.system === system));

/** Return role → parts, of the roles that have some; the house only where one system sees all sources. */
export function rolesOf(home) {
	const sources = systemsOf(home).filter((items) => ["solar", "battery"].some((role) => partsOf(items, role).length));
	const names = Object.keys({ ...ROLES, ...ENERGIES }).filter((role) => sources.length < 2 || !["house", "consumed"].includes(role));
	return Object.fromEntries(names.map((role) => [role, partsOf(home, role)]).filter(([, parts]) => parts.length));
}

/** Return each system's battery: the entities of its values, and its capacity (kWh) where only its model tells it. */
export const batteriesOf = (home) =>
	systemsOf(home).flatMap((items) => {
		const ids = (role) => partsOf(items, role).map(({ entity }) => entity);
		const power = partsOf(items, "battery");
		const [level] = ids("level");
		if (!level && !power.length) return [];
		// A SENEC set up locally: "SENEC.Home V3 hybrid, 10 kWh".
		const inModel = items.map(({ device }) => Number(/, ([\d.]+) kWh$/.exec(device.model || "")?.[1])).find(Boolean);
		return [{
			level, power, name: nameOf(items[0].device), reserve: ids("reserve")[0], capacity: ids("capacity")[0] || inModel, health: ids("health"),
			charge_capacity: ids("charge_capacity")[0], voltage: ids("voltage")[0], time_to_go: ids("time_to_go")[0], ess: ids("ess")[0],
		}];
	});
