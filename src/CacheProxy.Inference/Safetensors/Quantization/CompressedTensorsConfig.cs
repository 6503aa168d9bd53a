using System.Text.Json;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Safetensors.Quantization;

/// <summary>
/// The compressed-tensors dialect of <c>quantization_config</c>: a format and groups of modules with a scheme each. Schemes of activations
/// are let through: the engine computes more exactly than they ask for.
/// </summary>
internal static class CompressedTensorsConfig
{
    /// <exception cref="ModelFormatException">The format, or a group's scheme, has no code here.</exception>
    public static IWeightLayout Read(JsonSection config)
    {
        if (config.FindSection("sparsity_config") is { } sparsity && sparsity.FindString("format") is { } sparse and not "dense")
        {
            throw sparsity.Error("format", $"is {sparse}; sparse weights are not supported");
        }

        if (config.FindSection("transform_config") is { } transforms && transforms.Value.EnumerateObject().Any())
        {
            throw config.Error("transform_config", "is not supported");
        }

        string format = config.GetString("format");
        JsonSection groups = config.GetSection("config_groups");
        IWeightLayout? layout = null;
        int? sharedBits = null;
        foreach (JsonProperty property in groups.Value.EnumerateObject())
        {
            JsonSection group = groups.GetSection(property.Name);
            string own = group.FindString("format") ?? format;
            JsonSection weights = own == format
                ? group.GetSection("weights")
                : throw group.Error("format", $"is {own}; one format for all groups ({format}) is supported");
            int bits = CheckWeights(format, weights);
            layout = sharedBits is null || sharedBits == bits ? Layout(config, format, bits) : throw weights.Error("num_bits", $"is {bits}, in another group {sharedBits}");
            sharedBits = bits;
        }

        return layout ?? throw config.Error("config_groups", "is empty");
    }

    private static IWeightLayout Layout(JsonSection config, string format, int bits) => format switch
    {
        "int-quantized" => new Int8Layout(),
        "pack-quantized" => new PackedLayout(bits),
        "float-quantized" => new Float8Layout((0, 0)),
        _ => throw config.Error("format", $"is {format}; int-quantized, pack-quantized and float-quantized are supported"),
    };

    private static int CheckWeights(string format, JsonSection weights)
    {
        (string type, int[] widths, string[] strategies) = format switch
        {
            "pack-quantized" => ("int", (int[])[4, 8], (string[])["group", "channel"]),
            "float-quantized" => ("float", [8], ["tensor", "channel"]),
            _ => ("int", [8], ["tensor", "channel", "group"]),
        };
        string? given = weights.FindString("type"), strategy = weights.FindString("strategy"), order = weights.FindString("actorder");
        int? bits = weights.FindInt32("num_bits");
        return given is not null && given != type ? throw weights.Error("type", $"is {given}, not {type} as {format} has it")
            : bits is null || !widths.Contains(bits.Value) ? throw weights.Error("num_bits", $"is {bits}; {string.Join(" and ", widths)} are supported in {format}")
            : strategy is null || !strategies.Contains(strategy) ? throw weights.Error("strategy", $"is {strategy ?? "missing"}; {string.Join(", ", strategies)} are supported in {format}")
            : weights.FindBoolean("symmetric") == false ? throw weights.Error("symmetric", "is false; symmetric weights are supported")
            : order is "group" ? throw weights.Error("actorder", "is group, which is not supported")
            : bits.Value;
    }
}
