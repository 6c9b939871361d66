/** What the modules use of Home Assistant's frontend and of the page. */

interface Window {
  customStrategies?: Record<string, unknown>[];
  loadCardHelpers: () => Promise<{ createCardElement: (config: any) => HTMLElement & { hass: any } }>;
}

/** A device of ours with its values and the devices under it. */
interface Item {
  device: any;
  kind: string;
  id: string;
  system: string;
  service: string;
  entities: any[];
  parts: Item[];
}
