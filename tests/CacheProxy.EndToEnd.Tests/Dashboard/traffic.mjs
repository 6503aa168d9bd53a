// Requests with every outcome, so that no panel of the dashboard is empty; what a text could do to a page is among them.
import { adminKey } from './keys.mjs';

export const hostileModel = '<img src=x onerror="document.title=1">';
export const hostileQuestion = '<b id=evil>Is this bold?</b>';
export const questions = {
  japan: ['What is the capital of Japan?', 'Can you tell me what the capital of Japan is?'],
  password: ['How do I reset my password?', 'How can I reset my password?'],
  water: ['What is the boiling point of water?', 'Tell me the boiling point of water.'],
};

const rules = 'You answer for a shop that sells things for house and garden. Answer in one short sentence, in the language of the question. '.repeat(12);

/** @param {string} baseURL */
export function client(baseURL) {
  return async (question, { model = 'gpt-4o-mini', key = 'sk-support', headers = {}, ...rest } = {}) => {
    const response = await fetch(`${baseURL}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
      body: JSON.stringify({ model, temperature: 0, messages: [{ role: 'system', content: rules }, { role: 'user', content: question }], ...rest }),
    });
    await response.text();
    return { question, status: response.status, cacheStatus: response.headers.get('cache-status'), entry: response.headers.get('x-cacheproxy-entry') };
  };
}

/** @param {string} baseURL */
export async function makeTraffic(baseURL) {
  const ask = client(baseURL);
  const answers = [];
  const say = async (...call) => answers.push(await ask(...call));
  for (const [usual, inOtherWords] of Object.values(questions)) {
    await say(usual, { headers: { 'x-cacheproxy-tags': 'faq' } });
    await say(usual);
    await say(usual);
    await settle();
    await say(inOtherWords);
  }

  await say('Which ocean is the deepest?', { key: 'sk-search', headers: { 'x-cacheproxy-tags': 'doc-42' } });
  await say('Which ocean is the deepest?', { key: 'sk-search' });
  await say('What is the capital of Austria?');
  await settle();
  await say('What is the capital of Australia?');
  await say(hostileQuestion, { headers: { 'x-cacheproxy-tags': 'hostile' } });
  await say(hostileQuestion);
  await say('As you like it', { temperature: 1.9 });
  await say('Broken', { model: 'broken' });
  await say('Who knows its price?', { model: hostileModel });
  await say('Hello', { model: 'smollm2-135m-instruct', max_tokens: 4 });
  answers.push(...await Promise.all(Array.from({ length: 4 }, () => ask('Answer slowly, please.', { key: 'sk-search' }))));
  await figuresOf(baseURL, (summary) => summary.totals.requests >= answers.length && summary.semantic.audited >= Object.keys(questions).length);
  return answers;
}

/** Entries and their vectors are stored after the client is served. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 400));

/**
 * @param {string} baseURL
 * @param {string} path
 */
export async function api(baseURL, path) {
  const response = await fetch(`${baseURL}/dashboard/api/${path}`, { headers: { 'x-admin-key': adminKey } });
  return await response.json();
}

/** Waits until the ledger's figures are what they are to become. */
async function figuresOf(baseURL, isThere) {
  for (const end = Date.now() + 20_000; ;) {
    const summary = await api(baseURL, 'summary?since=1h');
    if (isThere(summary)) {
      return summary;
    }

    if (Date.now() > end) {
      throw new Error(`The figures are still ${JSON.stringify(summary)}`);
    }

    await settle();
  }
}
