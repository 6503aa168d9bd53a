using System.Text.Json;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Safetensors.Quantization;

/// <summary>From <c>quantization_config</c> of config.json to the layout that reads such weights. What has no code is refused with its field.</summary>
internal static class QuantizationConfig
{
    private const int AllInputs = -1;

    /// <returns>Null where the model is not quantised.</returns>
    /// <exception cref="ModelFormatException">The method, or an option of it, has no code here.</exception>
    public static IWeightLayout? Read(JsonSection config)
    {
        if (config.FindSection("quantization_config") is not { } quantization)
        {
            return null;
        }

        return quantization.FindString("quant_method") switch
        {
            "gptq" => ReadGptq(quantization),
            "awq" => ReadAwq(quantization),
            "auto-round" or "intel/auto-round" => ReadAutoRound(quantization),
            "compressed-tensors" => CompressedTensorsConfig.Read(quantization),
            "fp8" => ReadFloat8(quantization),
            var other => throw quantization.Error("quant_method", $"is {other ?? "missing"}; gptq, awq, auto-round, compressed-tensors and fp8 are supported"),
        };
    }

    /// <summary>What older GPTQ checkpoints have instead: <c>quantize_config.json</c> beside a config.json that does not mention it.</summary>
    /// <returns>Null where there is no such file.</returns>
    /// <inheritdoc cref="Read"/>
    public static IWeightLayout? ReadOlder(string folder)
    {
        string file = Path.Combine(folder, "quantize_config.json");
        return File.Exists(file) ? ReadGptq(JsonSection.Read(file)) : null;
    }

    private static GptqLayout ReadGptq(JsonSection config)
    {
        Require(config, "pack_dtype", config.FindString("pack_dtype") ?? "int32", "int32");
        Refuse(config, "is_marlin_format");
        if (config.Find("dynamic") is { ValueKind: JsonValueKind.Object } rules && rules.EnumerateObject().Any())
        {
            throw config.Error("dynamic", "gives modules options of their own, which is not supported");
        }

        string name = config.Has("checkpoint_format") ? "checkpoint_format" : "format";
        string format = config.FindString(name) ?? "gptq";
        Require(config, name, format, "gptq", "gptq_v2");
        return new GptqLayout(Bits(config, 4, 8), GroupSize(config), format == "gptq" ? 1 : 0);
    }

    private static AwqLayout ReadAwq(JsonSection config)
    {
        Require(config, "version", config.FindString("version")?.ToLowerInvariant() ?? "gemm", "gemm");
        _ = config.FindBoolean("zero_point") ?? true ? true : throw config.Error("zero_point", "is false; zero points are needed");
        _ = Bits(config, 4);
        return new AwqLayout(GroupSize(config));
    }

    private static IWeightLayout ReadAutoRound(JsonSection config)
    {
        string packing = config.FindString("packing_format") ?? "auto_round:auto_gptq";
        Require(config, "data_type", config.FindString("data_type") ?? "int", "int");
        Require(config, "packing_format", packing, "auto_round", "auto_round:gptqmodel", "auto_round:auto_gptq", "auto_round:gptq", "auto_round:auto_awq", "auto_round:awq");
        int bits = packing.EndsWith("awq", StringComparison.Ordinal) ? Bits(config, 4) : Bits(config, 4, 8), size = GroupSize(config);
        foreach (JsonProperty module in config.FindSection("extra_config")?.Value.EnumerateObject() ?? default)
        {
            // Modules left at 16 bits have plain weights, which their tensors show.
            if (module.Value.ValueKind == JsonValueKind.Object && module.Value.TryGetProperty("bits", out JsonElement own)
                && !(own.ValueKind == JsonValueKind.Number && own.TryGetInt32(out int ownBits) && (ownBits == bits || ownBits >= 16)))
            {
                throw config.Error($"extra_config.{module.Name}.bits", $"is {own.GetRawText()}; {bits} as elsewhere or at least 16 are supported");
            }
        }

        return packing switch
        {
            "auto_round:auto_awq" or "auto_round:awq" => new AwqLayout(size),
            "auto_round:auto_gptq" or "auto_round:gptq" => new GptqLayout(bits, size, zeroShift: 1),
            _ => new GptqLayout(bits, size, zeroShift: 0),
        };
    }

    private static Float8Layout ReadFloat8(JsonSection config)
    {
        Require(config, "fmt", config.FindString("fmt") ?? "e4m3", "e4m3");
        if (config.Find("weight_block_size") is not { } size)
        {
            return new Float8Layout((0, 0));
        }

        return size.ValueKind == JsonValueKind.Array && size.GetArrayLength() == 2 && Positive(size[0], out int rows) && Positive(size[1], out int columns)
            ? new Float8Layout((rows, columns))
            : throw config.Error("weight_block_size", $"is {size.GetRawText()}, not two whole numbers from 1");
    }

    private static bool Positive(JsonElement value, out int number)
    {
        number = 0;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out number) && number > 0;
    }

    private static int Bits(JsonSection config, params ReadOnlySpan<int> supported) => config.FindInt32("bits") is { } bits && supported.Contains(bits)
        ? bits
        : throw config.Error("bits", $"is {config.Find("bits")?.GetRawText() ?? "missing"}; {string.Join(" and ", supported.ToArray())} {(supported.Length == 1 ? "is" : "are")} supported");

    private static int GroupSize(JsonSection config) => config.FindInt32("group_size") is { } size && (size > 0 || size == AllInputs)
        ? size
        : throw config.Error("group_size", $"is {config.Find("group_size")?.GetRawText() ?? "missing"}, not -1 or a whole number from 1");

    private static void Refuse(JsonSection config, string name)
    {
        if (config.FindBoolean(name) == true)
        {
            throw config.Error(name, "is true, which is not supported");
        }
    }

    private static void Require(JsonSection config, string name, string value, params ReadOnlySpan<string> supported)
    {
        if (!supported.Contains(value))
        {
            throw config.Error(name, $"is {value}; supported: {string.Join(", ", supported)}");
        }
    }
}
