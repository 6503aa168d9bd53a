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
        double off = EnglishText.MeanNllAgainstReference(_runner, output);
        Assert.InRange(off, -0.005, 0.005);
    }

    private sealed record GoldenLine(int[] Ids, int[] Greedy, float[][] Top50);
}
