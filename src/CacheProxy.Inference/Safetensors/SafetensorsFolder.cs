using System.Text.Json;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Safetensors;

/// <summary>The tensors of a model folder: those of <c>model.safetensors</c>, or of the shards that <c>model.safetensors.index.json</c> names.</summary>
internal sealed class SafetensorsFolder : IDisposable
{
    private const string Single = "model.safetensors", Index = "model.safetensors.index.json";

    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, StoredTensor> _tensors = new(StringComparer.Ordinal);

    private SafetensorsFolder(string path) => Path = path;

    public string Path { get; }

    public IReadOnlyDictionary<string, StoredTensor> Tensors => _tensors;

    /// <exception cref="ModelFormatException">A file is damaged, a shard lacks a tensor that the index places in it, or there are no weights.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static SafetensorsFolder Open(string path)
    {
        var folder = new SafetensorsFolder(path);
        try
        {
            folder.OpenFiles();
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    public StoredTensor? Find(string name) => _tensors.GetValueOrDefault(name);

    /// <exception cref="ModelFormatException">It is missing.</exception>
    public StoredTensor Get(string name) => Find(name) ?? throw new ModelFormatException(Path, name, "is missing");

    public void ReleasePages() => _files.ForEach(file => file.ReleasePages());

    public void Dispose() => _files.ForEach(file => file.Dispose());

    private void OpenFiles()
    {
        string single = System.IO.Path.Combine(Path, Single), index = System.IO.Path.Combine(Path, Index);
        if (File.Exists(single))
        {
            SafetensorsFile file = Add(single);
            foreach (SafetensorsTensor tensor in file.Tensors.Values)
            {
                _tensors.Add(tensor.Name, new StoredTensor(file, tensor));
            }
        }
        else if (File.Exists(index))
        {
            OpenShards(index);
        }
        else
        {
            throw new ModelFormatException(Path, Single, $"is missing, and {Index} too");
        }
    }

    private void OpenShards(string index)
    {
        if (!JsonFile.Read(index).TryGetProperty("weight_map", out JsonElement map) || map.ValueKind != JsonValueKind.Object)
        {
            throw new ModelFormatException(index, "weight_map", "is not an object of tensor and file names");
        }

        var shards = new Dictionary<string, SafetensorsFile>(StringComparer.Ordinal);
        foreach (JsonProperty entry in map.EnumerateObject())
        {
            string name = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : "";
            if (!shards.TryGetValue(name, out SafetensorsFile? shard))
            {
                shards.Add(name, shard = Add(Shard(index, entry.Name, name)));
            }

            SafetensorsTensor tensor = shard.Tensors.GetValueOrDefault(entry.Name) ?? throw new ModelFormatException(shard.Path, entry.Name, $"is missing, but {Index} says that it is here");
            if (!_tensors.TryAdd(entry.Name, new StoredTensor(shard, tensor)))
            {
                throw new ModelFormatException(index, entry.Name, "occurs twice");
            }
        }
    }

    /// <summary>A shard lies beside its index: its name may not lead anywhere else.</summary>
    private string Shard(string index, string tensor, string name)
    {
        if (name.Length == 0 || name is "." or ".." || name.AsSpan().IndexOfAny('/', '\\', '\0') >= 0)
        {
            throw new ModelFormatException(index, tensor, $"is placed in '{name}', which is not the name of a file beside the index");
        }

        string path = System.IO.Path.Combine(Path, name);
        return File.Exists(path) ? path : throw new ModelFormatException(path, tensor, $"cannot be read: {Index} places it in this file, which is missing");
    }

    private SafetensorsFile Add(string path)
    {
        SafetensorsFile file = SafetensorsFile.Open(path);
        _files.Add(file);
        return file;
    }
}
