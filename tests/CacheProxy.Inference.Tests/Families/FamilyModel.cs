using System.Text.Json;
using System.Text.Json.Nodes;
using CacheProxy.Inference.Families;
using CacheProxy.Inference.Safetensors;
using CacheProxy.Inference.Tests.Weights;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Families;

/// <summary>Folders of safetensors with other settings than their own.</summary>
internal static class FamilyModel
{
    private const string Weights = "model.safetensors";

    /// <param name="name">The folder.</param>
    /// <param name="config">Name of the settings' file in it.</param>
    public static ICheckpoint Open(string name, string config)
    {
        string file = Path.Combine(TinyFolder.Find(name, config), config);
        return Open(name, new HuggingFaceSettings(file, JsonFile.Read(file)));
    }

    public static ICheckpoint Open(string name, HuggingFaceSettings settings)
    {
        ModelFamily family = ModelFamilies.Find(settings);
        return new SafetensorsCheckpoint(SafetensorsFolder.Open(TinyFolder.Find(name, Weights)), settings, null, canonical => TensorNames.InSafetensors(family, canonical));
    }

    /// <summary>The settings of a folder with some of their values replaced; null takes one away.</summary>
    public static HuggingFaceSettings ReadSettings(string name, params (string Name, object? Value)[] changes)
    {
        string file = Path.Combine(TinyFolder.Find(name, SafetensorsCheckpoint.ConfigFile), SafetensorsCheckpoint.ConfigFile);
        JsonObject config = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        foreach ((string key, object? value) in changes)
        {
            config[key] = JsonSerializer.SerializeToNode(value);
        }

        return new HuggingFaceSettings(file, JsonSerializer.SerializeToElement(config));
    }
}
