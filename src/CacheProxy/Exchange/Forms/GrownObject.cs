using System.Text.Json;

namespace CacheProxy.Exchange.Forms;

/// <summary>An object whose properties come over several chunks, in the order in which they first came.</summary>
internal sealed class GrownObject : Grown
{
    // Messages have a handful of properties: a list is found through faster than a table is built.
    private readonly List<(string Name, Grown Value)> _properties = [];

    public IReadOnlyList<(string Name, Grown Value)> Properties => _properties;

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

    /// <summary>The place of a property that the stream has named before, without a string for its name; below 0: it is new.</summary>
    public int Find(JsonProperty property)
    {
        for (int i = 0; i < _properties.Count; i++)
        {
            if (property.NameEquals(_properties[i].Name))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The property after one more delta.</summary>
    public void Grow(JsonProperty delta, bool appends)
    {
        int place = Find(delta);
        if (place < 0)
        {
            string name = delta.Name;
            _properties.Add((name, Grow(null, delta.Value, name, appends)));
        }
        else
        {
            (string name, Grown old) = _properties[place];
            _properties[place] = (name, Grow(old, delta.Value, name, appends));
        }
    }

    // A predicate would be an object for each of the thousands of look-ups in a long stream.
    private int Find(string name)
    {
        for (int i = 0; i < _properties.Count; i++)
        {
            if (_properties[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }
}
