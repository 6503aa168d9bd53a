using System.Text.Json;
using System.Text.Json.Nodes;
using CacheProxy.Inference.Families;
using CacheProxy.Inference.Gguf;
using CacheProxy.Inference.Safetensors;
using CacheProxy.Inference.Tests.Execution;
using CacheProxy.Inference.Weights;
using CacheProxy.TestKit;

namespace CacheProxy.Inference.Tests.Families;

/// <summary>Small random-weight models with reference logits, from the fixtures or, where they are too many to copy, from the shared folder.</summary>
internal static class FamilyModel
{
    private static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <param name="Prompt">Token ids as fed.</param>
    /// <param name="LastLogits">All logits of the last position.</param>
    /// <param name="Argmax">Best token at each position.</param>
    /// <param name="ArgmaxMargin">Its lead over the second.</param>
    /// <param name="Greedy">Best token of each step behind the prompt.</param>
    public sealed record Golden(int[] Prompt, float[] LastLogits, int[] Argmax, float[] ArgmaxMargin, int[] Greedy);

    /// <param name="name">A folder of safetensors, or a GGUF file in one.</param>
    /// <param name="config">Name of the settings' file in a folder.</param>
    public static ICheckpoint Open(string name, string config = "config.json")
    {
        if (name.EndsWith(".gguf", StringComparison.Ordinal))
        {
            return GgufFile.Open(Find(name));
        }

        return Open(name, ReadSettings(name, config));
    }

    /// <summary>A folder's tensors with other settings than its own.</summary>
    public static ICheckpoint Open(string name, HuggingFaceSettings settings)
    {
        ModelFamily family = ModelFamilies.Find(settings);
        return new SafetensorsCheckpoint(SafetensorsFolder.Open(Find(name)), settings, null, canonical => TensorNames.InSafetensors(family, canonical));
    }

    public static HuggingFaceSettings ReadSettings(string name, string config)
    {
        string file = Find(name + "/" + config);
        return new HuggingFaceSettings(file, JsonFile.Read(file));
    }

    /// <summary>The settings of a folder with some of their values replaced; null takes one away.</summary>
    public static HuggingFaceSettings ReadSettings(string name, params (string Name, object? Value)[] changes)
    {
        string file = Find(name + "/config.json");
        JsonObject config = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        foreach ((string key, object? value) in changes)
        {
            config[key] = JsonSerializer.SerializeToNode(value);
        }

        return new HuggingFaceSettings(file, JsonSerializer.SerializeToElement(config));
    }

    public static IEnumerable<Golden> ReadGolden(string name)
    {
        string file = name.EndsWith(".gguf", StringComparison.Ordinal) ? Path.ChangeExtension(name.Replace("/model-", "/golden-"), ".jsonl") : name + "/golden.jsonl";
        return File.ReadLines(Find(file)).Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<Golden>(line, SnakeCase)!);
    }

    private static string Find(string name)
    {
        string fixture = Fixture.Path(name);
        if (Path.Exists(fixture) && (File.Exists(fixture) || File.Exists(Path.Combine(fixture, "model.safetensors"))))
        {
            return fixture;
        }

        string? shared = Repository.Shared("golden", "tiny-models", name);
        Assert.SkipWhen(shared is null, $"{name} is in the shared folder, which is not beside this checkout.");
        return shared!;
    }
}
