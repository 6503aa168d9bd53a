using CacheProxy.Inference.Families;
using CacheProxy.Inference.Graph;
using CacheProxy.Inference.Tests.Weights;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Families;

/// <summary>What the families make of settings; that the numbers mean the right thing is what the reference logits show.</summary>
public sealed class DecoderConfigTests
{
    [Theory]
    [InlineData("llama-gqa-rope3")]
    [InlineData("mistral-swa")]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    [InlineData("gemma2")]
    [InlineData("gemma3")]
    [InlineData("phi3")]
    [InlineData("phi3-longrope")]
    [InlineData("olmo2")]
    [InlineData("granite")]
    [InlineData("smollm3")]
    public void Read_BothStylesOfConfig_AreTheSame(string model)
    {
        using ICheckpoint published = TinyFolder.Open(model), rewritten = FamilyModel.Open(model, "config.transformers5.json");
        DecoderConfig expected = DecoderConfigReader.Read(published), actual = DecoderConfigReader.Read(rewritten);
        Assert.Equivalent(expected, actual, strict: true);
        Assert.Equal(expected.Attention, actual.Attention);
    }

    [Theory]
    [InlineData("qwen2-gguf/model-bf16.gguf", "qwen2")]
    [InlineData("qwen3-gguf/model-q8_0.gguf", "qwen3")]
    [InlineData("phi3-gguf/model-q8_0.gguf", "phi3")]
    public void Read_GgufOfTheSameModel_IsTheSame(string gguf, string folder)
    {
        using ICheckpoint one = TinyFolder.Open(gguf), other = TinyFolder.Open(folder);
        Assert.Equivalent(DecoderConfigReader.Read(other), DecoderConfigReader.Read(one), strict: true);
    }

    [Fact]
    public void Read_Gemma3_AlternatesWindowsAndRotations()
    {
        DecoderConfig config = Read("gemma3");
        Assert.Equal([(32, 1), (32, 1), (0, 0), (32, 1)], config.Attention.Select(shape => (shape.Window, shape.Rotation)));
        Assert.Equal(1.0 / 8, config.Rotations[0].Frequencies[0]);
        Assert.Equal(1, config.Rotations[1].Frequencies[0]);
        Assert.Equal((1f, 8f, HeadNorm.PerHead), (config.NormShift, config.EmbeddingScale, config.Attention[0].HeadNorm));
    }

    [Fact]
    public void Read_Gemma2WithoutLayerTypes_HasAWindowOnEverySecondLayer() =>
        Assert.Equal([32, 0, 32, 0], Read("gemma2").Attention.Select(shape => shape.Window));

    [Fact]
    public void Read_Gemma3WithoutLayerTypes_LetsEverySixthLayerSeeAll()
    {
        DecoderConfig config = Read("gemma3", ("layer_types", null), ("sliding_window_pattern", null), ("num_hidden_layers", 13));
        Assert.Equal([5, 11], Enumerable.Range(0, 13).Where(layer => config.Attention[layer].Window == 0));
    }

    [Fact]
    public void Read_Qwen2WithWindow_SlidesBehindTheFirstLayers() => Assert.Equal(
        [0, 0, 512, 512],
        Read("qwen2", ("use_sliding_window", true), ("sliding_window", 512), ("num_hidden_layers", 4)).Attention.Select(shape => shape.Window));

    [Fact]
    public void Read_SmolLm3WithoutList_LeavesEveryFourthLayerUnrotated()
    {
        DecoderConfig config = Read("smollm3", ("no_rope_layers", null), ("no_rope_layer_interval", null), ("layer_types", null), ("num_hidden_layers", 8));
        Assert.Equal([0, 0, 0, -1, 0, 0, 0, -1], config.Attention.Select(shape => shape.Rotation));
    }

    [Fact]
    public void Read_MistralWithoutWindow_SeesEverything() =>
        Assert.All(Read("mistral-swa", ("sliding_window", null)).Attention, shape => Assert.Equal(0, shape.Window));

    [Fact]
    public void Read_Yarn_HasItsFrequenciesAndMagnitude()
    {
        DecoderConfig config = Read("qwen2", ("rope_scaling", new { rope_type = "yarn", factor = 4.0, original_max_position_embeddings = 512 }));
        RotaryTable table = config.Rotations[0];
        Assert.Equal(RotaryScaling.Yarn(1e6f, 16, 4, 512, 32, 1, truncate: true), table.Frequencies);
        Assert.Equal((1.1386294f, 2048), (table.Magnitude, config.ContextLength));
    }

    [Theory]
    [InlineData(0.8, null, null, 0.8f)]
    [InlineData(null, 1.0, 0.5, 1.1386294f / 1.0693147f)]
    [InlineData(null, 1.0, null, 1.1386294f)]
    public void Read_YarnMagnitude_IsTheGivenOneOrThatOfItsScales(double? given, double? scale, double? all, float expected)
    {
        var scaling = new { type = "yarn", factor = 4.0, attention_factor = given, mscale = scale, mscale_all_dim = all };
        Assert.Equal(expected, Read("qwen2", ("rope_scaling", scaling)).Rotations[0].Magnitude, 1e-6f);
    }

    [Fact]
    public void Read_Granite_HasItsMultipliers()
    {
        DecoderConfig config = Read("granite");
        Assert.Equal((3f, 0.7f, 1 / 1.25f, 0.35f), (config.EmbeddingScale, config.ResidualScale, config.LogitScale, config.Attention[0].Scale));
    }

    [Fact]
    public void Families_Names_AreAllDifferent() =>
        Assert.Distinct(ModelFamilies.All.SelectMany(family => family.Architectures));

    private static DecoderConfig Read(string model, params (string Name, object? Value)[] changes)
    {
        using ICheckpoint checkpoint = FamilyModel.Open(model, FamilyModel.ReadSettings(model, changes));
        return DecoderConfigReader.Read(checkpoint);
    }
}
