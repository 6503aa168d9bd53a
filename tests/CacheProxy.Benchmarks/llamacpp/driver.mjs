// Speaks JSON lines: one command in, one answer out. Times are milliseconds of the work alone.
import {createInterface} from "node:readline";
import {getLlama} from "node-llama-cpp";

const greedy = {temperature: 0};
let threads, model, context, sequences = [], last = [];

const commands = {
    async load({path, threads: count}) {
        threads = count;
        const llama = await getLlama({build: "never", gpu: false, maxThreads: threads, logLevel: "error"});
        model = await llama.loadModel({modelPath: path});
    },

    async open({sequences: count, tokens}) {
        await context?.dispose();
        context = await model.createContext({contextSize: tokens * count, batchSize: 512, threads, sequences: count});
        sequences = Array.from({length: count}, () => context.getSequence());
        last = new Array(count);
    },

    // Fills sequence i with prompts[i] from nothing; the last token's logits are computed and the best token is kept.
    async prefill({prompts}) {
        for (const sequence of sequences)
            await sequence.clearHistory();
        await Promise.all(prompts.map(async (tokens, i) => {
            const input = [...tokens.slice(0, -1), [tokens.at(-1), {generateNext: {token: true, options: greedy}}]];
            last[i] = (await sequences[i].controlledEvaluate(input)).at(-1).next.token;
        }));
        return {tokens: last};
    },

    // Generates steps tokens for every sequence at once.
    async decode({steps}) {
        const generated = await Promise.all(sequences.map(async (sequence, i) => {
            const tokens = [];
            for await (const token of sequence.evaluate([last[i]], {...greedy, yieldEogToken: true})) {
                tokens.push(token);
                if (tokens.length === steps)
                    break;
            }

            last[i] = tokens.at(-1);
            return tokens;
        }));
        return {tokens: generated[0]};
    }
};

for await (const line of createInterface({input: process.stdin})) {
    const command = JSON.parse(line);
    const start = performance.now(), cpu = process.cpuUsage();
    try {
        const answer = await commands[command.op](command);
        const used = process.cpuUsage(cpu);
        console.log(JSON.stringify({milliseconds: performance.now() - start, cpuMilliseconds: (used.user + used.system) / 1000, ...answer}));
    } catch (error) {
        console.log(JSON.stringify({error: String(error?.stack ?? error)}));
    }
}
