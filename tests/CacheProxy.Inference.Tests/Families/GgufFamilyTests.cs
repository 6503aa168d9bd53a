using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Families;
using CacheProxy.Inference.Gguf;
using CacheProxy.Inference.Graph;
using CacheProxy.Inference.Tests.Execution;
using CacheProxy.Inference.Tests.Gguf;
using CacheProxy.Inference.Tests.Weights;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Families;

/// <summary>Families whose reference is a folder of safetensors, rewritten as GGUF: its keys and conventions give the same logits.</summary>
public sealed class GgufFamilyTests(ITestOutputHelper output)
{
    private static readonly float GemmaScale = 1 / MathF.Sqrt(24);

    public static TheoryData<string, string, bool, Dictionary<string, object>> Models => new()
    {
        { "mistral-swa", "llama", true, new() { ["attention.sliding_window"] = 32u } },
        { "smollm3", "smollm3", true, new() { ["rope.freq_base"] = 50000f, ["rope.no_rope_interval"] = 3u } },
        { "olmo2", "olmo2", false, new() { ["rope.freq_base"] = 500000f } },
        {
            "gemma2", "gemma2", false,
            new() { ["attention.scale"] = GemmaScale, ["attn_logit_softcapping"] = 5f, ["final_logit_softcapping"] = 6f, ["attention.sliding_window"] = 32u }
        },
        {
            "gemma3", "gemma3", false,
            new()
            {
                ["attention.scale"] = GemmaScale, ["attention.sliding_window"] = 32u, ["attention.sliding_window_pattern"] = 3u,
                ["rope.freq_base"] = 1e6f, ["rope.scaling.type"] = "linear", ["rope.scaling.factor"] = 8f,
            }
        },
        { "phi3-longrope", "phi3", false, new() { ["rope.dimension_count"] = 12u, ["rope.scaling.original_context_length"] = 128u } },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void Logits_RewrittenAsGguf_AreTheReferences(string model, string architecture, bool pairs, Dictionary<string, object> keys)
    {
        using ICheckpoint source = TinyFolder.Open(model);
        GgufWriter writer = RewrittenGguf.Write(source, DecoderConfigReader.Read(source), architecture, pairs, keys);
        if (source.Settings.FindSingles(SettingKey.RotaryShort) is { } brief && source.Settings.FindSingles(SettingKey.RotaryLong) is { } extended)
        {
            writer.AddTensor("rope_factors_short.weight", brief, (ulong)brief.Length).AddTensor("rope_factors_long.weight", extended, (ulong)extended.Length);
        }

        using var saved = new TemporaryFile(writer.ToArray());
        using GgufFile file = GgufFile.Open(saved.Path);
        using var runner = OnnxModelRunner.Load(file, new ModelRunnerOptions { BlockCount = 24 });
        GoldenDifference difference = GoldenDifference.Measure(runner, TinyFolder.ReadGolden(model), rounded: false);
        output.WriteLine($"{model}: {difference}");
        difference.AssertWithin(rounded: false);
    }

    [Fact]
    public void Read_YarnInGguf_MultipliesItsMagnitude()
    {
        DecoderConfig config = Read("llama", new() { ["rope.scaling.type"] = "yarn", ["rope.scaling.factor"] = 4f, ["rope.scaling.original_context_length"] = 512u, ["rope.scaling.attn_factor"] = 0.5f });
        Assert.Equal(RotaryScaling.Yarn(10000, 16, 4, 512, 32, 1, truncate: true), config.Rotations[0].Frequencies);
        Assert.Equal(0.5f * 1.1386294f, config.Rotations[0].Magnitude, 1e-6f);
    }

    [Fact]
    public void Read_FactorWithoutName_IsLinear() =>
        Assert.Equal(0.25, Read("llama", new() { ["rope.scaling.factor"] = 4f }).Rotations[0].Frequencies[0]);

    [Fact]
    public void Read_LargestGemma_ScalesByWidthPerHead() =>
        Assert.Equal(0.25f, Read("gemma2", new() { ["block_count"] = 46u, ["attention.key_length"] = 32u }).Attention[0].Scale);

    [Fact]
    public void Read_Gemma_HasNormsAsTheyAre() => Assert.Equal((0f, 4096), Select(Read("gemma2", [])));

    private static (float Shift, int Window) Select(DecoderConfig config) => (config.NormShift, config.Attention[0].Window);

    private static DecoderConfig Read(string architecture, Dictionary<string, object> keys)
    {
        var all = new Dictionary<string, object>
        {
            ["block_count"] = 2u,
            ["context_length"] = 2048u,
            ["embedding_length"] = 64u,
            ["feed_forward_length"] = 96u,
            ["attention.head_count"] = 4u,
            ["attention.layer_norm_rms_epsilon"] = 1e-5f,
        };
        foreach ((string key, object value) in keys)
        {
            all[key] = value;
        }

        GgufWriter writer = all.Aggregate(new GgufWriter().Add("general.architecture", architecture), (gguf, pair) => gguf.Add($"{architecture}.{pair.Key}", pair.Value));
        using var saved = new TemporaryFile(writer.AddTensor("token_embd.weight", new float[64 * 8], 64, 8).ToArray());
        using GgufFile file = GgufFile.Open(saved.Path);
        return DecoderConfigReader.Read(file);
    }
}
