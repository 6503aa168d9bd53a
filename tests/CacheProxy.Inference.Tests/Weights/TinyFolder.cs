using CacheProxy.Inference.Gguf;
using CacheProxy.Inference.Safetensors;
using CacheProxy.Inference.Tests.Execution;
using CacheProxy.Inference.Weights;
using CacheProxy.TestKit;

namespace CacheProxy.Inference.Tests.Weights;

/// <summary>Small random-weight models with reference outputs: from the fixtures, or where those are too many to copy from the shared folder.</summary>
internal static class TinyFolder
{
    /// <summary>A file, or a folder with a certain file in it.</summary>
    public static string Find(string name, string file = "")
    {
        if (Path.Exists(Path.Combine(Fixture.Path(name), file)))
        {
            return Fixture.Path(name);
        }

        string? shared = Repository.Shared("golden", "tiny-models", name);
        Assert.SkipWhen(shared is null, $"{name} is in the shared folder, which is not beside this checkout.");
        return shared!;
    }

    public static ICheckpoint Open(string name) =>
        name.EndsWith(".gguf", StringComparison.Ordinal) ? GgufFile.Open(Find(name)) : SafetensorsCheckpoint.Open(Find(name, "model.safetensors"));

    public static IEnumerable<TinyModels.Golden> ReadGolden(string name)
    {
        string file = name.EndsWith(".gguf", StringComparison.Ordinal) ? Path.ChangeExtension(name.Replace("/model-", "/golden-"), ".jsonl") : name + "/golden.jsonl";
        return Fixture.ReadLines<TinyModels.Golden>(Find(file));
    }
}
