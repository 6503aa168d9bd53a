using System.Numerics.Tensors;
using CacheProxy.Inference.Execution;

namespace CacheProxy.Inference.Tests.Execution;

/// <summary>Against the float32 reference; the limits are those of an engine that rounds activations to 8 bit.</summary>
[Collection(BundledRunnerCollection.Name)]
public sealed class GoldenLogitsTests(BundledRunner bundled, ITestOutputHelper output)
{
    private readonly OnnxModelRunner _runner = bundled.Runner;

    [Fact]
    public void Logits_TeacherForced_ChooseTheReferencesToken()
    {
        int equal = 0, steps = 0;
        double difference = 0, largest = 0;
        int compared = 0;
        foreach (GoldenLine line in Fixture.ReadLines<GoldenLine>("logits-smollm2.jsonl"))
        {
            int[] tokens = [.. line.Ids, .. line.Greedy[..^1]];
            _runner.Score(tokens, ModelDriver.Blocks(0, tokens.Length), line.Greedy.Length, (position, logits) =>
            {
                int step = position - (line.Ids.Length - 1);
                equal += TensorPrimitives.IndexOfMax(logits) == line.Greedy[step] ? 1 : 0;
                steps++;
                foreach (float[] top in step == 0 ? line.Top50 : [])
                {
                    double off = Math.Abs(top[1] - logits[(int)top[0]]);
                    (difference, largest, compared) = (difference + off, Math.Max(largest, off), compared + 1);
                }
            });
        }

        output.WriteLine($"arg-max equal {equal} of {steps} ({(double)equal / steps:P2}), top 50 logits off by {difference / compared:F3} on average, {largest:F3} at most");
        Assert.True(equal >= 0.97 * steps, $"{equal} of {steps}");
        Assert.InRange(difference / compared, 0, 0.2);
        Assert.InRange(largest, 0, 1.2);
    }

    [Fact]
    public void Logits_EnglishText_HaveTheReferencesLikelihood()
    {
        PerplexityText text = Fixture.Read<PerplexityText>("perplexity-smollm2.json");
        double sum = 0;
        int predictions = 0;
        for (int start = 0; start < text.Ids.Length; start += 512)
        {
            int[] window = text.Ids[start..(start + 512)];
            _runner.Score(window, ModelDriver.Blocks(0, 512), 512, (position, logits) =>
            {
                if (position < 511)
                {
                    sum += LogSumExp(logits) - logits[window[position + 1]];
                    predictions++;
                }
            });
        }

        output.WriteLine($"mean NLL {sum / predictions:F6}, reference {text.MeanNll512:F6} ({((sum / predictions) / text.MeanNll512) - 1:P3})");
        Assert.Equal(2044, predictions);
        Assert.InRange(sum / predictions / text.MeanNll512, 0.995, 1.005);
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

    private sealed record GoldenLine(int[] Ids, int[] Greedy, float[][] Top50);

    private sealed record PerplexityText(int[] Ids, double MeanNll512);
}
