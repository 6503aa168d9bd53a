// The scenarios of the dashboard's tests, in the order in which they run: what changes entries and settings comes after what reads them.
import { openBrowser } from './browser.mjs';
import access from './access.mjs';
import controls from './controls.mjs';
import figures from './figures.mjs';
import form from './form.mjs';
import load from './load.mjs';
import { makeTraffic } from './traffic.mjs';

export default (baseURL) => {
  const browser = openBrowser(baseURL);
  let traffic;
  const setting = { baseURL, browser, traffic: () => (traffic ??= makeTraffic(baseURL)) };
  return {
    traffic: setting.traffic,
    ...load(setting),
    ...access(setting),
    ...figures(setting),
    ...form(setting),
    ...controls(setting),
    faults: () => browser.faults,
    [Symbol.asyncDispose]: browser.close,
  };
};
