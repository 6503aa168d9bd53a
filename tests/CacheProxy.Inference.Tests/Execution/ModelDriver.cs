using CacheProxy.Inference.Execution;

namespace CacheProxy.Inference.Tests.Execution;

/// <summary>Feeds whole sequences to a runner, in the chunks and blocks that a test asks for.</summary>
internal static class ModelDriver
{
    /// <summary>Consecutive blocks from <paramref name="first"/> on for a sequence of <paramref name="tokens"/>.</summary>
    public static int[] Blocks(int first, int tokens) => [.. Enumerable.Range(first, (tokens + 15) / 16)];

    /// <summary>Runs tokens[start..] in chunks and returns the logits of the last token; <paramref name="total"/> as in <see cref="StepBatch.Add"/>.</summary>
    public static float[] Prefill(this IModelRunner runner, int[] tokens, int[] blocks, int start = 0, int chunk = 512, int total = 0)
    {
        var batch = new StepBatch();
        float[] logits = [];
        for (int at = start; at < tokens.Length; at += chunk)
        {
            int count = Math.Min(chunk, tokens.Length - at);
            batch.Clear();
            batch.Add(tokens.AsSpan(at, count), at, blocks, at + count == tokens.Length ? 1 : 0, total);
            logits = runner.Run(batch).ToArray();
        }

        return logits;
    }

    /// <summary>Logits of the last <paramref name="rows"/> tokens of a sequence that starts from nothing, a row each, handed to <paramref name="use"/> chunk by chunk.</summary>
    public static void Score(this IModelRunner runner, int[] tokens, int[] blocks, int rows, Action<int, ReadOnlySpan<float>> use, int total = 0)
    {
        const int chunk = 128;
        var batch = new StepBatch();
        for (int at = 0; at < tokens.Length; at += chunk)
        {
            int count = Math.Min(chunk, tokens.Length - at), wanted = Math.Clamp(rows - (tokens.Length - at - count), 0, count);
            batch.Clear();
            batch.Add(tokens.AsSpan(at, count), at, blocks, wanted, total);
            ReadOnlySpan<float> logits = runner.Run(batch);
            for (int row = 0; row < wanted; row++)
            {
                use(at + count - wanted + row, logits.Slice(row * runner.VocabularySize, runner.VocabularySize));
            }
        }
    }

    public static int[] RandomTokens(int count, int seed, int vocabulary = 40000)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(100, vocabulary))];
    }
}
