using System.Runtime.InteropServices;
using CacheProxy.Inference.Execution;

namespace CacheProxy.Inference.Tests.Execution;

/// <summary>The same tokens give the same bits, however they are cut, placed, shared or mixed with others.</summary>
[Collection(BundledRunnerCollection.Name)]
public sealed class InvarianceTests(BundledRunner bundled)
{
    private static readonly int[] Tokens = ModelDriver.RandomTokens(201, 7);

    private readonly OnnxModelRunner _runner = bundled.Runner;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(37)]
    [InlineData(64)]
    [InlineData(129)]
    public void Prefill_AnyChunking_IsTheSameToTheBit(int chunk) =>
        AssertSame(Reference(), _runner.Prefill(Tokens, ModelDriver.Blocks(40, Tokens.Length), chunk: chunk));

    [Fact]
    public void Prefill_ShuffledBlocks_IsTheSameToTheBit()
    {
        int[] blocks = ModelDriver.Blocks(60, Tokens.Length);
        new Random(3).Shuffle(blocks);
        AssertSame(Reference(), _runner.Prefill(Tokens, blocks));
    }

    [Theory]
    [InlineData(16)]
    [InlineData(128)]
    [InlineData(192)]
    public void Prefill_SharedPrefixBlocks_IsTheSameToTheBit(int shared)
    {
        float[] reference = Reference();
        int[] blocks = [.. ModelDriver.Blocks(0, shared), .. ModelDriver.Blocks(80, Tokens.Length - shared)];
        AssertSame(reference, _runner.Prefill(Tokens, blocks, shared));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(15)]
    public void Prefill_CopiedTailBlock_IsTheSameToTheBit(int tail)
    {
        const int target = 100;
        float[] reference = Reference();
        _runner.Prefill(ModelDriver.RandomTokens(16, 99), [target]);
        _runner.CopyBlock(3, target, tail);
        int[] blocks = [0, 1, 2, target, .. ModelDriver.Blocks(101, Tokens.Length - 64)];
        AssertSame(reference, _runner.Prefill(Tokens, blocks, 48 + tail));
    }

    [Fact]
    public void Run_MixedBatch_EachRowIsTheSameAsAlone()
    {
        float[] decodeAlone = Reference();
        float[] promptAlone = _runner.Prefill(Tokens[..50], ModelDriver.Blocks(120, 50));
        float[] chunkAlone = _runner.Prefill(Tokens[..90], ModelDriver.Blocks(130, 90));

        _runner.Prefill(Tokens[..200], ModelDriver.Blocks(140, 201));
        _runner.Prefill(Tokens[..60], ModelDriver.Blocks(160, 90));
        var batch = new StepBatch();
        batch.Add(Tokens.AsSpan(200, 1), 200, ModelDriver.Blocks(140, 201), 1);
        batch.Add(Tokens.AsSpan(0, 50), 0, ModelDriver.Blocks(180, 50), 1);
        batch.Add(Tokens.AsSpan(60, 30), 60, ModelDriver.Blocks(160, 90), 1);
        ReadOnlySpan<float> logits = _runner.Run(batch);

        int width = _runner.VocabularySize;
        AssertSame(decodeAlone, logits[..width]);
        AssertSame(promptAlone, logits.Slice(width, width));
        AssertSame(chunkAlone, logits[(2 * width)..]);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(8)]
    public void Run_DecodesTogether_EachIsTheSameAsAlone(int sequences)
    {
        var batch = new StepBatch();
        var alone = new List<float[]>();
        for (int i = 0; i < sequences; i++)
        {
            int length = 20 + (23 * i);
            int[] tokens = Tokens[..length], blocks = ModelDriver.Blocks(200 + (16 * i), length);
            alone.Add(_runner.Prefill(tokens, blocks));
            batch.Add(tokens.AsSpan(length - 1), length - 1, blocks, 1);
        }

        ReadOnlySpan<float> logits = _runner.Run(batch);
        for (int i = 0; i < sequences; i++)
        {
            AssertSame(alone[i], logits.Slice(i * _runner.VocabularySize, _runner.VocabularySize));
        }
    }

    [Fact]
    public void Run_SeveralLogitRows_AreTheSameAsTheLastOfShorterPrompts()
    {
        float[] shorter = _runner.Prefill(Tokens[..98], ModelDriver.Blocks(0, 98));
        var batch = new StepBatch();
        batch.Add(Tokens.AsSpan(0, 100), 0, ModelDriver.Blocks(20, 100), 3);
        AssertSame(shorter, _runner.Run(batch)[.._runner.VocabularySize]);
    }

    [Fact]
    public void Prefill_OtherPrefixContent_IsNotTheSame()
    {
        float[] reference = Reference();
        int[] blocks = [.. ModelDriver.Blocks(80, 16), .. ModelDriver.Blocks(1, Tokens.Length - 16)];
        _runner.Prefill(ModelDriver.RandomTokens(16, 5), [80]);
        float[] other = _runner.Prefill(Tokens, blocks, 16);
        Assert.False(reference.AsSpan().SequenceEqual(other));
    }

    [Fact]
    public void Run_SteadyDecoding_AllocatesNothing()
    {
        int[] blocks = ModelDriver.Blocks(0, 64);
        _runner.Prefill(Tokens[..32], blocks);
        var batch = new StepBatch();
        void Step(int position)
        {
            batch.Clear();
            batch.Add(Tokens.AsSpan(position, 1), position, blocks, 1);
            _runner.Run(batch);
        }

        Step(32);
        Step(33);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int position = 34; position < 50; position++)
        {
            Step(position);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private float[] Reference() => _runner.Prefill(Tokens, ModelDriver.Blocks(0, Tokens.Length));

    private static void AssertSame(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        float largest = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(expected[i] - actual[i]));
        }

        Assert.True(MemoryMarshal.AsBytes(expected).SequenceEqual(MemoryMarshal.AsBytes(actual)), $"differ by up to {largest:E1}");
    }
}
