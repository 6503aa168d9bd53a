using System.Globalization;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Gguf;

/// <summary>The key-value part of a model file. Arrays are typed (<c>string[]</c>, <c>int[]</c>, …); nested arrays are <c>object[]</c>.</summary>
public sealed class GgufMetadata
{
    private readonly Dictionary<string, object> _values;
    private readonly string _file;

    internal GgufMetadata(string file, Dictionary<string, object> values)
    {
        _file = file;
        _values = values;
    }

    public IReadOnlyDictionary<string, object> Values => _values;

    public bool Has(string key) => _values.ContainsKey(key);

    /// <exception cref="ModelFormatException">Absent, or not a string.</exception>
    public string GetString(string key) => Required<string>(key, "a string");

    public string? FindString(string key) => Find<string>(key, "a string");

    /// <summary>Any integer type that fits.</summary>
    /// <exception cref="ModelFormatException">Absent, not a whole number, or outside 32 bits.</exception>
    public int GetInt32(string key) => FindInt32(key) ?? throw Missing(key);

    public int? FindInt32(string key)
    {
        if (!_values.TryGetValue(key, out object? value))
        {
            return null;
        }

        return value switch
        {
            byte or sbyte or short or ushort or int => Convert.ToInt32(value, CultureInfo.InvariantCulture),
            uint number when number <= int.MaxValue => (int)number,
            ulong number when number <= int.MaxValue => (int)number,
            long number when number is >= int.MinValue and <= int.MaxValue => (int)number,
            _ => throw Wrong(key, value, "a 32-bit whole number"),
        };
    }

    /// <summary>float32 or float64.</summary>
    public float GetSingle(string key) => FindSingle(key) ?? throw Missing(key);

    public float? FindSingle(string key)
    {
        if (!_values.TryGetValue(key, out object? value))
        {
            return null;
        }

        return value switch
        {
            float number => number,
            double number => (float)number,
            _ => throw Wrong(key, value, "a number"),
        };
    }

    public bool? FindBoolean(string key) => _values.TryGetValue(key, out object? value)
        ? value as bool? ?? throw Wrong(key, value, "a boolean")
        : null;

    /// <exception cref="ModelFormatException">Absent, or not an array of <typeparamref name="T"/>.</exception>
    public T[] GetArray<T>(string key) => Required<T[]>(key, $"an array of {typeof(T).Name}");

    public T[]? FindArray<T>(string key) => Find<T[]>(key, $"an array of {typeof(T).Name}");

    internal ModelFormatException Error(string key, string problem) => new(_file, key, problem);

    private T Required<T>(string key, string kind)
        where T : class => Find<T>(key, kind) ?? throw Missing(key);

    private T? Find<T>(string key, string kind)
        where T : class => _values.TryGetValue(key, out object? value) ? value as T ?? throw Wrong(key, value, kind) : null;

    private ModelFormatException Missing(string key) => Error(key, "is missing");

    private ModelFormatException Wrong(string key, object value, string kind) => Error(key, $"is {value.GetType().Name}, not {kind}");
}
