using System.Numerics.Tensors;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Tests.Execution;

namespace CacheProxy.Inference.Tests.Families;

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

    /// <param name="runner">Has 24 blocks or more.</param>
    /// <param name="model">Of <see cref="FamilyModel"/>.</param>
    /// <param name="tie">A lead that rounding may turn.</param>
    public static GoldenDifference Measure(OnnxModelRunner runner, string model, float tie)
    {
        var sum = new GoldenDifference(0, 0, 0, 0, 0);
        foreach (FamilyModel.Golden golden in FamilyModel.ReadGolden(model))
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
