using System.Text.Json;

namespace CacheProxy.Exchange.Forms;

/// <summary>An object whose properties come over several chunks, in the order in which they first came.</summary>
internal sealed class GrownObject : Grown
{
    // Messages have a handful of properties: a list is found through faster than a table is built.
    private readonly List<(string Name, Grown Value)> _properties = [];

    public IEnumerable<(string Name, Grown Value)> Properties => _properties;

    /// <summary>Null: not there.</summary>
    public Grown? this[string name]
    {
        get
        {
            int place = Find(name);
            return place < 0 ? null : _properties[place].Value;
        }

        set
        {
            int place = Find(name);
            if (place < 0)
            {
                _properties.Add((name, value!));
            }
            else
            {
                _properties[place] = (name, value!);
            }
        }
    }

    public override void WriteTo(Utf8JsonWriter json) => WriteTo(json, without: null);

    public void WriteTo(Utf8JsonWriter json, string? without)
    {
        json.WriteStartObject();
        foreach (var (name, value) in _properties)
        {
            if (name != without)
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    private int Find(string name) => _properties.FindIndex(property => property.Name == name);
}
