using System.Text.Json;

namespace CacheProxy.Exchange.Forms;

/// <summary>A list whose items come one after the other, or in pieces that name their place by <c>index</c>.</summary>
internal sealed class GrownList : Grown
{
    private readonly List<(int? Index, Grown Value)> _items = [];

    public bool IsEmpty => _items.Count == 0;

    public IEnumerable<Grown> Items => _items.OrderBy(item => item.Index ?? int.MaxValue).Select(item => item.Value);

    public void Add(JsonElement item, bool appends)
    {
        int? index = item.ValueKind == JsonValueKind.Object && item.TryGetProperty("index", out JsonElement place)
            && place.ValueKind == JsonValueKind.Number ? place.GetInt32() : null;
        int known = index is null ? -1 : Find(index.Value);
        if (known < 0)
        {
            _items.Add((index, Grow(null, item, "", appends)));
        }
        else
        {
            _items[known] = (index, Grow(_items[known].Value, item, "", appends));
        }
    }

    public override void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartArray();
        foreach (Grown item in Items)
        {
            item.WriteTo(json);
        }

        json.WriteEndArray();
    }

    private int Find(int index)
    {
        for (int i = 0; i < _items.Count; i++)
        {
            if (_items[i].Index == index)
            {
                return i;
            }
        }

        return -1;
    }
}
