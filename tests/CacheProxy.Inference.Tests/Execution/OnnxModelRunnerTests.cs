using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Gguf;

namespace CacheProxy.Inference.Tests.Execution;

[Collection(BundledRunnerCollection.Name)]
public sealed class OnnxModelRunnerTests(BundledRunner bundled)
{
    private readonly OnnxModelRunner _runner = bundled.Runner;

    [Fact]
    public void Load_BundledModel_ReportsItsSizes()
    {
        Assert.Equal((49152, 8192, 16, 512), (_runner.VocabularySize, _runner.ContextLength, _runner.BlockSize, _runner.BlockCount));
        Assert.Equal(30 * 2 * 3 * 64 * 16 * 4, _runner.BlockBytes);
    }

    [Fact]
    public void Run_NoLogitRows_ReturnsNoneButWritesTheCache()
    {
        int[] tokens = ModelDriver.RandomTokens(40, 1), blocks = ModelDriver.Blocks(0, 40);
        float[] whole = _runner.Prefill(tokens, ModelDriver.Blocks(10, 40));
        var batch = new StepBatch();
        batch.Add(tokens.AsSpan(0, 39), 0, blocks, 0);
        Assert.Equal(0, _runner.Run(batch).Length);
        Assert.Equal(whole, _runner.Prefill(tokens, blocks, 39));
    }

    public static TheoryData<string, int[], int, int[]> BadSteps => new()
    {
        { "Token 49152 is outside the vocabulary", [49152], 0, [0] },
        { "Token -1 is outside the vocabulary", [-1], 0, [0] },
        { "Positions 8192 to 8192 lie outside the context", [1], 8192, [0] },
        { "Positions -1 to -1 lie outside the context", [1], -1, [0] },
        { "A sequence of 17 tokens has 1 blocks, not 2", [1], 16, [0] },
        { "Block 512 is not in the pool of 512", [1], 0, [512] },
        { "Block -2 is not in the pool of 512", [1], 0, [-2] },
        { "A step takes 1 to 512 tokens, not 513", new int[513], 0, new int[40] },
    };

    [Theory]
    [MemberData(nameof(BadSteps))]
    public void Run_BadStep_SaysWhatIsWrongAndLeavesTheRunnerUsable(string problem, int[] tokens, int start, int[] blocks)
    {
        int[] good = ModelDriver.RandomTokens(5, 2);
        float[] before = _runner.Prefill(good, [1]);
        var batch = new StepBatch();
        batch.Add(tokens, start, blocks, 1);

        Assert.StartsWith(problem, Assert.Throws<ArgumentException>(() => _runner.Run(batch).Length).Message);

        Assert.Equal(before, _runner.Prefill(good, [1]));
    }

    [Fact]
    public void Run_EmptyBatch_IsRefused() => Assert.Throws<ArgumentException>(() => _runner.Run(new StepBatch()).Length);

    [Theory]
    [InlineData(512, 0, 1)]
    [InlineData(0, -1, 1)]
    [InlineData(0, 1, 17)]
    public void CopyBlock_OutsideThePool_IsRefused(int source, int target, int tokens) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _runner.CopyBlock(source, target, tokens));

    [Fact]
    public void WriteBlock_WhatReadBlockGave_IsTheSameKv()
    {
        int[] tokens = ModelDriver.RandomTokens(40, 6);
        float[] whole = _runner.Prefill(tokens, [0, 1, 2]);
        byte[] bytes = new byte[_runner.BlockBytes];
        foreach ((int source, int target) in (ReadOnlySpan<(int, int)>)[(0, 20), (1, 30)])
        {
            _runner.ReadBlock(source, bytes);
            _runner.WriteBlock(target, bytes);
        }

        _runner.Prefill(ModelDriver.RandomTokens(40, 7), [0, 1, 2]);
        Assert.Equal(whole, _runner.Prefill(tokens, [20, 30, 40], 32));
    }

    [Fact]
    public void ReadBlock_WrongLengthOrBlock_IsRefused()
    {
        byte[] right = new byte[_runner.BlockBytes], wrong = new byte[_runner.BlockBytes - 1];
        Assert.Throws<ArgumentException>(() => _runner.ReadBlock(0, wrong));
        Assert.Throws<ArgumentException>(() => _runner.WriteBlock(0, wrong));
        Assert.Throws<ArgumentOutOfRangeException>(() => _runner.ReadBlock(512, right));
        Assert.Throws<ArgumentOutOfRangeException>(() => _runner.WriteBlock(-1, right));
    }

    [Fact]
    public void Fingerprint_OfModels_IsStableAndTellsThemApart()
    {
        static string Of(string model)
        {
            using GgufFile file = GgufFile.Open(TinyModels.Path(model));
            using var runner = OnnxModelRunner.Load(file, new ModelRunnerOptions { BlockCount = 4 });
            return runner.Fingerprint;
        }

        Assert.Equal(Of("llama-gqa-f16.gguf"), Of("llama-gqa-f16.gguf"));
        Assert.Equal(3, new HashSet<string> { Of("llama-gqa-f16.gguf"), Of("llama-gqa-bf16.gguf"), Of("llama-gqa-h64-q4_0.gguf") }.Count);
    }

    [Fact]
    public void Run_TwoRunnersSideBySide_DoNotShareTheirCaches()
    {
        using GgufFile file = GgufFile.Open(TinyModels.Path("llama-gqa-h64-q4_1.gguf"));
        using var first = OnnxModelRunner.Load(file, new ModelRunnerOptions { BlockCount = 4, Threads = 1 });
        using var second = OnnxModelRunner.Load(file, new ModelRunnerOptions { BlockCount = 4, Threads = 2 });
        int[] tokens = ModelDriver.RandomTokens(30, 4, 500);
        float[] whole = first.Prefill(tokens, [0, 1]);
        first.Prefill(tokens[..29], [2, 3]);
        second.Prefill(ModelDriver.RandomTokens(29, 5, 500), [2, 3]);
        Assert.Equal(whole, first.Prefill(tokens, [2, 3], 29));
    }
}
