using System.Numerics.Tensors;
using CacheProxy.Inference.Execution;

namespace CacheProxy.Inference.Tests.Execution;

/// <summary>2,048 tokens of English, and how likely a float32 reference finds them in windows of 512.</summary>
internal static class EnglishText
{
    private const int Window = 512;

    /// <returns>The model's mean negative log-likelihood over the reference's, minus 1.</returns>
    public static double MeanNllAgainstReference(IModelRunner runner, ITestOutputHelper output)
    {
        Text text = Fixture.Read<Text>("perplexity-smollm2.json");
        double sum = 0;
        int predictions = 0;
        for (int start = 0; start < text.Ids.Length; start += Window)
        {
            int[] window = text.Ids[start..(start + Window)];
            runner.Score(window, ModelDriver.Blocks(0, Window), Window, (position, logits) =>
            {
                if (position < Window - 1)
                {
                    sum += LogSumExp(logits) - logits[window[position + 1]];
                    predictions++;
                }
            });
        }

        Assert.Equal(2044, predictions);
        double mean = sum / predictions, off = (mean / text.MeanNll512) - 1;
        output.WriteLine($"mean NLL {mean:F6}, reference {text.MeanNll512:F6} ({off:P3})");
        return off;
    }

    private static double LogSumExp(ReadOnlySpan<float> logits)
    {
        float max = TensorPrimitives.Max(logits);
        double sum = 0;
        foreach (float logit in logits)
        {
            sum += Math.Exp(logit - max);
        }

        return max + Math.Log(sum);
    }

    private sealed record Text(int[] Ids, double MeanNll512);
}
