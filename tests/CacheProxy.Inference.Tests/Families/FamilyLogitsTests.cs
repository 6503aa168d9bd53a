using System.Numerics.Tensors;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Tests.Execution;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Families;

/// <summary>
/// Every family against float32 references: prompts of 1 to 300 tokens, the choice at each position, 32 greedy tokens. Of a model of plain
/// floats all of it must be equal; block formats round activations to 8 bit, which moves these models' logits by up to 0.55.
/// </summary>
public sealed class FamilyLogitsTests(ITestOutputHelper output)
{
    private const int Greedy = 32;

    [Theory]
    [InlineData("llama-gqa")]
    [InlineData("llama-gqa-rope3")]
    [InlineData("llama-mqa")]
    [InlineData("mistral-swa")]
    [InlineData("qwen2")]
    [InlineData("qwen2-gguf/model-bf16.gguf")]
    [InlineData("qwen3")]
    [InlineData("gemma2")]
    [InlineData("gemma3")]
    [InlineData("phi3")]
    [InlineData("phi3-longrope")]
    [InlineData("olmo2")]
    [InlineData("granite")]
    [InlineData("smollm3")]
    public void Logits_PlainFloats_AreTheReferences(string model)
    {
        using ICheckpoint checkpoint = FamilyModel.Open(model);
        using var runner = OnnxModelRunner.Load(checkpoint, new ModelRunnerOptions { BlockCount = 24 });
        Difference difference = Compare(runner, model, tie: 2e-3f);
        output.WriteLine($"{model}: {difference}");
        Assert.Equal((8, 0, 8 * Greedy), (difference.Prompts, difference.WrongChoices, difference.GreedyEqual));
        Assert.InRange(difference.Largest, 0, 2e-4f);
    }

    [Theory]
    [InlineData("granite-gguf/model-q8_0.gguf")]
    [InlineData("qwen3-gguf/model-q8_0.gguf")]
    [InlineData("phi3-gguf/model-q8_0.gguf")]
    public void Logits_RoundedActivations_AreNear(string model)
    {
        using ICheckpoint checkpoint = FamilyModel.Open(model);
        using var runner = OnnxModelRunner.Load(checkpoint, new ModelRunnerOptions { BlockCount = 24 });
        Difference difference = Compare(runner, model, tie: 0.5f);
        output.WriteLine($"{model}: {difference}");
        Assert.Equal((8, 0), (difference.Prompts, difference.WrongChoices));
        Assert.InRange(difference.GreedyEqual, 242, 8 * Greedy);
        Assert.InRange(difference.Largest, 0, 0.9f);
        Assert.InRange(difference.Mean, 0, 0.1f);
    }

    [Theory]
    [InlineData("mistral-swa")]
    [InlineData("qwen2")]
    [InlineData("qwen3-gguf/model-q8_0.gguf")]
    [InlineData("gemma2")]
    [InlineData("gemma3")]
    [InlineData("phi3-longrope")]
    [InlineData("olmo2")]
    [InlineData("granite-gguf/model-q8_0.gguf")]
    [InlineData("smollm3")]
    public void Prefill_AnyChunking_IsTheSameToTheBit(string model)
    {
        using ICheckpoint checkpoint = FamilyModel.Open(model);
        using var runner = OnnxModelRunner.Load(checkpoint, new ModelRunnerOptions { BlockCount = 24 });
        int[] tokens = ModelDriver.RandomTokens(150, 11, 500);
        float[] whole = runner.Prefill(tokens, ModelDriver.Blocks(0, 150), total: 150);
        foreach (int chunk in (int[])[1, 7, 64])
        {
            Assert.Equal(whole, runner.Prefill(tokens, ModelDriver.Blocks(12, 150), chunk: chunk, total: 150));
        }
    }

    private static Difference Compare(OnnxModelRunner runner, string model, float tie)
    {
        var sum = new Difference(0, 0, 0, 0, 0);
        foreach (FamilyModel.Golden golden in FamilyModel.ReadGolden(model))
        {
            int length = golden.Prompt.Length, total = length + Greedy, wrong = 0, equal = 0;
            float[] last = [];
            int[] tokens = [.. golden.Prompt, .. golden.Greedy[..^1]], blocks = ModelDriver.Blocks(0, tokens.Length);
            runner.Score(golden.Prompt, blocks, length, (position, logits) =>
            {
                wrong += golden.ArgmaxMargin[position] >= tie && TensorPrimitives.IndexOfMax(logits) != golden.Argmax[position] ? 1 : 0;
                last = position == length - 1 ? logits.ToArray() : last;
            }, total);
            float[] off = new float[last.Length];
            TensorPrimitives.Subtract(last, golden.LastLogits, off);
            for (int step = 0; step < Greedy; step++)
            {
                equal += TensorPrimitives.IndexOfMax(last) == golden.Greedy[step] ? 1 : 0;
                last = step < Greedy - 1 ? runner.Prefill(tokens[..(length + step + 1)], blocks, length + step, total: total) : last;
            }

            sum = new Difference(
                sum.Prompts + 1, sum.WrongChoices + wrong, sum.GreedyEqual + equal, Math.Max(sum.Largest, Math.Abs(TensorPrimitives.MaxMagnitude(off))), sum.MeanSum + (TensorPrimitives.SumOfMagnitudes(off) / off.Length));
        }

        return sum;
    }

    private sealed record Difference(int Prompts, int WrongChoices, int GreedyEqual, float Largest, float MeanSum)
    {
        public float Mean => MeanSum / Prompts;

        public override string ToString() => $"{Prompts} prompts, logits off by {Mean:E2} on average, {Largest:E2} at most, {WrongChoices} clear choices wrong, {GreedyEqual} greedy tokens equal";
    }
}
