using System.Numerics.Tensors;
using CacheProxy.Inference.Execution;

namespace CacheProxy.Inference.Tests.Execution;

/// <summary>How far a runner is from a model's reference.</summary>
/// <param name="Prompts">Prompts compared.</param>
/// <param name="WrongChoices">Positions of prompts whose best token is another, near ties left out.</param>
/// <param name="GreedyEqual">Steps behind the prompts, <see cref="Steps"/> each, with the reference's token; each is fed the reference's tokens before it.</param>
/// <param name="Largest">Of all logits of the last positions.</param>
/// <param name="MeanSum">Mean differences of the last positions, added up.</param>
internal sealed record GoldenDifference(int Prompts, int WrongChoices, int GreedyEqual, float Largest, float MeanSum)
{
    public const int Steps = 32;

    public float Mean => MeanSum / Prompts;

    /// <param name="rounded">
    /// Block formats round the activations of each product to 8 bit, which moves these models' logits by up to 0.55, 0.07 on average; plain
    /// floats give the reference's numbers but for the order of summation.
    /// </param>
    public void AssertWithin(bool rounded)
    {
        Assert.Equal((8, 0), (Prompts, WrongChoices));
        Assert.InRange(Largest, 0, rounded ? 0.9f : 2e-4f);
        Assert.InRange(Mean, 0, rounded ? 0.1f : 5e-5f);
        Assert.InRange(GreedyEqual, rounded ? 242 : 8 * Steps, 8 * Steps);
    }

    /// <param name="runner">Has 24 blocks or more.</param>
    /// <param name="goldens">The model's reference.</param>
    /// <param name="rounded">See <see cref="AssertWithin"/>: how close the best two must be for either to do.</param>
    public static GoldenDifference Measure(OnnxModelRunner runner, IEnumerable<TinyModels.Golden> goldens, bool rounded)
    {
        float tie = rounded ? 0.5f : 2e-3f;
        var sum = new GoldenDifference(0, 0, 0, 0, 0);
        foreach (TinyModels.Golden golden in goldens)
        {
            int length = golden.Prompt.Length, total = length + Steps, wrong = 0, equal = 0;
            float[] last = [];
            int[] tokens = [.. golden.Prompt, .. golden.Greedy[..^1]], blocks = ModelDriver.Blocks(0, tokens.Length);
            runner.Score(golden.Prompt, blocks, length, (position, logits) =>
            {
                wrong += golden.ArgmaxMargin[position] >= tie && TensorPrimitives.IndexOfMax(logits) != golden.Argmax[position] ? 1 : 0;
                last = position == length - 1 ? logits.ToArray() : last;
            }, total);
            float[] off = new float[last.Length];
            TensorPrimitives.Subtract(last, golden.LastLogits, off);
            for (int step = 0; step < Steps; step++)
            {
                equal += TensorPrimitives.IndexOfMax(last) == golden.Greedy[step] ? 1 : 0;
                last = step < Steps - 1 ? runner.Prefill(tokens[..(length + step + 1)], blocks, length + step, total: total) : last;
            }

            sum = new GoldenDifference(
                sum.Prompts + 1, sum.WrongChoices + wrong, sum.GreedyEqual + equal, Math.Max(sum.Largest, Math.Abs(TensorPrimitives.MaxMagnitude(off))), sum.MeanSum + (TensorPrimitives.SumOfMagnitudes(off) / off.Length));
        }

        return sum;
    }

    public override string ToString() => $"{Prompts} prompts, logits off by {Mean:E2} on average, {Largest:E2} at most, {WrongChoices} clear choices wrong, {GreedyEqual} greedy tokens equal";
}
