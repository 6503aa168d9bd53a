using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Gguf;
using CacheProxy.Inference.Tests.Gguf;

namespace CacheProxy.Inference.Tests.Execution;

/// <summary>Keys and values in 8 bit: how much room they take, how true they are, and that sharing them changes nothing.</summary>
public sealed class Int8KvTests(ITestOutputHelper output)
{
    private static readonly int[] Tokens = ModelDriver.RandomTokens(150, 21, 500);

    [Fact]
    public void Logits_EnglishText_HaveTheReferencesLikelihood()
    {
        using GgufFile file = GgufFile.Open(BundledModel.Path);
        using var runner = OnnxModelRunner.Load(file, new ModelRunnerOptions { BlockCount = 32, KvDataType = KvDataType.Int8 });
        double off = EnglishText.MeanNllAgainstReference(runner, output);
        Assert.InRange(off, -0.015, 0.015);
        Assert.InRange(runner.BlockBytes / (30.0 * 2 * 3 * 64 * 16 * sizeof(float)), 0.25, 0.27);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    public void Prefill_AnyChunking_IsTheSameToTheBit(int chunk) => WithRunner(KvDataType.Int8, runner =>
        Assert.Equal(runner.Prefill(Tokens, ModelDriver.Blocks(0, 150)), runner.Prefill(Tokens, ModelDriver.Blocks(20, 150), chunk: chunk)));

    [Fact]
    public void Prefill_SharedCopiedAndStoredBlocks_IsTheSameToTheBit() => WithRunner(KvDataType.Int8, runner =>
    {
        float[] whole = runner.Prefill(Tokens, ModelDriver.Blocks(0, 150));
        byte[] bytes = new byte[runner.BlockBytes];
        runner.ReadBlock(1, bytes);
        runner.WriteBlock(31, bytes);
        runner.CopyBlock(2, 32, 9);
        Assert.Equal(whole, runner.Prefill(Tokens, [0, 31, 32, .. ModelDriver.Blocks(40, 150 - 48)], 32 + 9));
    });

    [Fact]
    public void Fingerprint_OfOtherKv_Differs()
    {
        string plain = "", rounded = "", evicting = "";
        WithRunner(KvDataType.Float32, runner => plain = runner.Fingerprint);
        WithRunner(KvDataType.Int8, runner => rounded = runner.Fingerprint);
        WithRunner(KvDataType.Float32, runner => evicting = runner.Fingerprint, new ContextEviction(16, 64));
        Assert.Equal(3, new HashSet<string> { plain, rounded, evicting }.Count);
    }

    private static void WithRunner(KvDataType type, Action<OnnxModelRunner> use, ContextEviction? eviction = null)
    {
        using GgufFile file = GgufFile.Open(TinyModels.Path("llama-gqa-h64-q4_0.gguf"));
        using var runner = OnnxModelRunner.Load(file, new ModelRunnerOptions { BlockCount = 64, KvDataType = type, Eviction = eviction });
        use(runner);
    }
}
