using System.Text.Json;

namespace CacheProxy.Exchange.Forms;

/// <summary>Where an item stands in the output: what each of its events says first.</summary>
internal sealed class ItemPlace(ResponseEvents events, int index, string id)
{
    public void Write(string type, Action<Utf8JsonWriter> fields) => events.Write(type, json =>
    {
        json.WriteString("item_id"u8, id);
        json.WriteNumber("output_index"u8, index);
        fields(json);
    });
}
