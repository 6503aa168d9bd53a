using System.Text.Json;
using CacheProxy.Inference.Safetensors;
using CacheProxy.Inference.Safetensors.Quantization;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Safetensors;

public sealed class QuantizationConfigTests
{
    private const string Compressed = """{"quant_method":"compressed-tensors","format":"int-quantized","config_groups":{"group_0":{"weights":{"num_bits":8,"type":"int","strategy":"channel","symmetric":true}}}}""";

    public static TheoryData<string, string> Refused => new()
    {
        { """{"quant_method":"bitsandbytes"}""", "quant_method" },
        { """{"bits":4}""", "quant_method" },
        { """{"quant_method":"gptq","bits":3,"group_size":32}""", "bits" },
        { """{"quant_method":"gptq","group_size":32}""", "bits" },
        { """{"quant_method":"gptq","bits":4}""", "group_size" },
        { """{"quant_method":"gptq","bits":4,"group_size":0}""", "group_size" },
        { """{"quant_method":"gptq","bits":"4","group_size":32}""", "bits" },
        { """{"quant_method":"gptq","bits":4,"group_size":32,"checkpoint_format":"marlin"}""", "checkpoint_format" },
        { """{"quant_method":"gptq","bits":4,"group_size":32,"is_marlin_format":true}""", "is_marlin_format" },
        { """{"quant_method":"gptq","bits":4,"group_size":32,"dynamic":{"-:x":{}}}""", "dynamic" },
        { """{"quant_method":"awq","bits":4,"group_size":32,"version":"gemv"}""", "version" },
        { """{"quant_method":"awq","bits":8,"group_size":32}""", "bits" },
        { """{"quant_method":"awq","bits":4,"group_size":32,"zero_point":false}""", "zero_point" },
        { """{"quant_method":"auto-round","bits":4,"group_size":32,"packing_format":"itrex"}""", "packing_format" },
        { """{"quant_method":"auto-round","bits":4,"group_size":32,"data_type":"mx_fp"}""", "data_type" },
        { """{"quant_method":"auto-round","bits":4,"group_size":32,"extra_config":{"a":{"bits":2}}}""", "extra_config.a.bits" },
        { """{"quant_method":"fp8","fmt":"e5m2"}""", "fmt" },
        { """{"quant_method":"fp8","weight_block_size":[0,128]}""", "weight_block_size" },
        { Replace("int-quantized", "nvfp4-pack-quantized"), "format" },
        { Replace("\"format\":\"int-quantized\",", ""), "format" },
        { Replace("\"num_bits\":8", "\"num_bits\":4"), "config_groups.group_0.weights.num_bits" },
        { Replace("\"type\":\"int\"", "\"type\":\"float\""), "config_groups.group_0.weights.type" },
        { Replace("channel", "block"), "config_groups.group_0.weights.strategy" },
        { Replace("\"symmetric\":true", "\"symmetric\":false"), "config_groups.group_0.weights.symmetric" },
        { Replace("\"symmetric\":true", "\"actorder\":\"group\""), "config_groups.group_0.weights.actorder" },
        { Replace("\"weights\"", "\"inputs\""), "config_groups.group_0.weights" },
        { Replace("{\"group_0\":{\"weights\":{\"num_bits\":8,\"type\":\"int\",\"strategy\":\"channel\",\"symmetric\":true}}}", "{}"), "config_groups" },
        { Replace("\"format\"", "\"sparsity_config\":{\"format\":\"sparse-24-bitmask\"},\"format\""), "sparsity_config.format" },
        { Replace("\"format\"", "\"transform_config\":{\"config_groups\":{}},\"format\""), "transform_config" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Read_WhatHasNoCode_NamesTheField(string quantization, string field)
    {
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => Read($$"""{"quantization_config":{{quantization}}}"""));
        Assert.Equal(("config.json", "quantization_config." + field), (error.File, error.Field));
    }

    [Theory]
    [InlineData("""{"quant_method":"gptq","bits":4,"group_size":-1,"desc_act":true}""", typeof(GptqLayout))]
    [InlineData("""{"quant_method":"awq","bits":4,"group_size":128,"version":"GEMM"}""", typeof(AwqLayout))]
    [InlineData("""{"quant_method":"auto-round","bits":4,"group_size":128,"packing_format":"auto_round:auto_awq","extra_config":{"lm_head":{"bits":16}}}""", typeof(AwqLayout))]
    [InlineData("""{"quant_method":"auto-round","bits":8,"group_size":128,"packing_format":"auto_round"}""", typeof(GptqLayout))]
    [InlineData("""{"quant_method":"fp8","weight_block_size":[128,128]}""", typeof(Float8Layout))]
    [InlineData(Compressed, typeof(Int8Layout))]
    public void Read_Supported_ChoosesTheLayout(string quantization, Type layout) => Assert.IsType(layout, Read($$"""{"quantization_config":{{quantization}}}"""));

    [Fact]
    public void Read_NotQuantised_IsNull() => Assert.Null(Read("""{"quantization_config":null}"""));

    [Theory]
    [InlineData(null)]
    [InlineData("""{"bits":4,"group_size":128,"desc_act":false,"sym":true}""")]
    public void ReadOlder_FileOfItsOwn_IsGptq(string? file)
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(file is not null, (file is null ? folder : folder.With("quantize_config.json", file)) is { } with && QuantizationConfig.ReadOlder(with.Path) is GptqLayout);
    }

    private static IWeightLayout? Read(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return QuantizationConfig.Read(new JsonSection("config.json", "", document.RootElement));
    }

    private static string Replace(string old, string with) => Compressed.Replace(old, with, StringComparison.Ordinal);
}
