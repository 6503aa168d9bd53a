using System.Numerics.Tensors;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Execution.Device;
using CacheProxy.Inference.Gguf;
using CacheProxy.Inference.Tests.Weights;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Execution.Device;

/// <summary>The device runner on a stand-in for a card: graph, bindings, padding, pool.</summary>
public sealed class DeviceModelRunnerTests(ITestOutputHelper output)
{
    private static readonly ModelRunnerOptions Options = new() { DeviceBlockCount = 6 };

    [Theory]
    [InlineData("llama-gqa-rope3")]
    [InlineData("llama-mqa")]
    [InlineData("llama-gqa-h64-gguf/model-q4_1.gguf")]
    [InlineData("mistral-swa")]
    [InlineData("qwen2")]
    [InlineData("qwen3-gguf/model-q8_0.gguf")]
    [InlineData("gemma2")]
    [InlineData("gemma3")]
    [InlineData("phi3")]
    [InlineData("olmo2")]
    [InlineData("granite")]
    [InlineData("smollm3")]
    public void Logits_OfAnyFamily_AgreeWithTheReference(string model)
    {
        using ICheckpoint checkpoint = TinyFolder.Open(model);
        using DeviceModelRunner runner = DeviceModelRunner.Load(checkpoint, new HostDevice(), Options);
        float largest = 0;
        foreach (TinyModels.Golden golden in TinyFolder.ReadGolden(model))
        {
            float[] logits = runner.Prefill(golden.Prompt, [3, 1], chunk: 128);
            float[] off = new float[logits.Length];
            TensorPrimitives.Subtract(logits, golden.LastLogits, off);
            largest = Math.Max(largest, Math.Abs(TensorPrimitives.MaxMagnitude(off)));
        }

        output.WriteLine($"{model}: off by {largest:E2} at most");
        Assert.InRange(largest, 0, 2e-4f);
    }

    [Fact]
    public void Load_AnglesThatChangeWithTheLength_AreRefusedWithTheReason()
    {
        using ICheckpoint checkpoint = TinyFolder.Open("phi3-longrope");
        var device = new HostDevice();

        Assert.Throws<NotSupportedException>(() => DeviceModelRunner.Load(checkpoint, device, Options));

        Assert.True(device.IsDisposed);
    }

    [Fact]
    public void Run_MixedAndPaddedBatches_GiveWhatEachSequenceGivesAlone()
    {
        using GgufFile file = GgufFile.Open(TinyModels.Path("llama-gqa-f16.gguf"));
        using DeviceModelRunner runner = DeviceModelRunner.Load(file, new HostDevice(), Options);
        int[] first = ModelDriver.RandomTokens(70, 1, 500), second = ModelDriver.RandomTokens(33, 2, 500), third = ModelDriver.RandomTokens(20, 3, 500);
        float[][] alone = [runner.Prefill(first, [0]), runner.Prefill(second, [0]), runner.Prefill(third, [0])];
        var batch = new StepBatch();
        batch.Add(first.AsSpan(0, 69), 0, [1], 0);
        batch.Add(second.AsSpan(0, 32), 0, [2], 0);
        batch.Add(third.AsSpan(0, 19), 0, [3], 0);
        runner.Run(batch);

        // Three decodes are padded to four.
        batch.Clear();
        batch.Add(first.AsSpan(69), 69, [1], 1);
        batch.Add(second.AsSpan(32), 32, [2], 1);
        batch.Add(third.AsSpan(19), 19, [3], 1);
        float[] decoded = runner.Run(batch).ToArray();

        // One decode beside a prompt.
        batch.Clear();
        batch.Add(first.AsSpan(69), 69, [1], 1);
        batch.Add(second, 0, [4], 1);
        float[] mixed = runner.Run(batch).ToArray();

        int size = runner.VocabularySize;
        for (int i = 0; i < 3; i++)
        {
            AssertClose(alone[i], decoded.AsSpan(i * size, size));
        }

        AssertClose(alone[0], mixed.AsSpan(0, size));
        AssertClose(alone[1], mixed.AsSpan(size, size));
    }

    [Fact]
    public void Blocks_SharedCopiedReadAndWritten_ServeAsThePast()
    {
        using GgufFile file = GgufFile.Open(TinyModels.Path("llama-mqa-f16.gguf"));
        using DeviceModelRunner runner = DeviceModelRunner.Load(file, new HostDevice(), Options);
        int[] tokens = ModelDriver.RandomTokens(300, 4, 500);
        float[] whole = runner.Prefill(tokens, [5, 0]);
        float[] shared = runner.Prefill(tokens, [5, 1], start: 256);
        runner.CopyBlock(0, 2, 30);
        float[] copied = runner.Prefill(tokens, [5, 2], start: 286);
        byte[] bytes = new byte[runner.BlockBytes];
        runner.ReadBlock(5, bytes);
        runner.WriteBlock(3, bytes);
        float[] written = runner.Prefill(tokens, [3, 2], start: 286);

        AssertClose(whole, shared);
        AssertClose(whole, copied);
        Assert.Equal(copied, written);
    }

    [Fact]
    public void Run_WhatDoesNotExist_IsRefusedByName()
    {
        using GgufFile file = GgufFile.Open(TinyModels.Path("llama-gqa-f16.gguf"));
        using DeviceModelRunner runner = DeviceModelRunner.Load(file, new HostDevice(), Options);

        Assert.Contains("Token 512", Refusal(batch => batch.Add([512], 0, [0], 1)), StringComparison.Ordinal);
        Assert.Contains("Block 6", Refusal(batch => batch.Add([1], 0, [6], 1)), StringComparison.Ordinal);
        Assert.Contains("has 1 blocks, not 2", Refusal(batch => batch.Add([1], 256, [0], 1)), StringComparison.Ordinal);
        Assert.Contains("context", Refusal(batch => batch.Add([1], runner.ContextLength, [.. Enumerable.Repeat(0, 99)], 1)), StringComparison.Ordinal);
        Assert.Contains("1 to 512 tokens", Refusal(_ => { }), StringComparison.Ordinal);

        string Refusal(Action<StepBatch> fill)
        {
            var batch = new StepBatch();
            fill(batch);
            return Assert.Throws<ArgumentException>(() => runner.Run(batch).Length).Message;
        }
    }

    [Fact]
    public void Dispose_GivesAllDeviceMemoryBack()
    {
        using GgufFile file = GgufFile.Open(TinyModels.Path("llama-gqa-f16.gguf"));
        var device = new HostDevice();
        DeviceModelRunner runner = DeviceModelRunner.Load(file, device, Options);
        runner.Prefill([1, 2, 3], [0]);
        Assert.NotEqual(0, device.Live);

        runner.Dispose();

        Assert.Equal(0, device.Live);
        Assert.True(device.IsDisposed);
    }

    [Fact]
    public void Load_TooLittleMemoryForOneSequence_FailsWithNumbersAndLeavesNothing()
    {
        using GgufFile file = GgufFile.Open(TinyModels.Path("llama-gqa-f16.gguf"));
        var device = new HostDevice { FreeBytes = 1 << 20 };

        string message = Assert.Throws<InsufficientMemoryException>(() => DeviceModelRunner.Load(file, device, new ModelRunnerOptions())).Message;

        Assert.Contains("host has room for 0 tokens of KV", message, StringComparison.Ordinal);
        Assert.Equal(0, device.Live);
        Assert.True(device.IsDisposed);
    }

    [Fact]
    public void Load_WithoutABlockCount_FillsTheMemoryButTheHeadroom()
    {
        using GgufFile file = GgufFile.Open(TinyModels.Path("llama-gqa-f16.gguf"));
        // 3 layers x 2 x 2 heads x 16 floats x 256 tokens = 192 KiB a block; the logits take 1 MiB of what is free.
        using DeviceModelRunner runner = DeviceModelRunner.Load(
            file, new HostDevice { FreeBytes = (1 << 20) + (100 * 196_608) + 5 + 1000 }, new ModelRunnerOptions { DeviceHeadroomBytes = 1000 });

        Assert.Equal(100, runner.BlockCount);
        Assert.Equal(256, runner.BlockSize);
        Assert.Equal(196_608, runner.BlockBytes);
    }

    private static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        float[] off = new float[expected.Length];
        TensorPrimitives.Subtract(expected, actual, off);
        Assert.InRange(Math.Abs(TensorPrimitives.MaxMagnitude(off)), 0, 1e-4f);
    }
}
