using System.Text;
using System.Text.Json;

namespace CacheProxy.Exchange.Forms;

/// <summary>A text that comes in pieces.</summary>
internal sealed class GrownText : Grown
{
    private readonly StringBuilder _text = new();

    public bool IsEmpty => _text.Length == 0;

    public void Append(string piece) => _text.Append(piece);

    public override void WriteTo(Utf8JsonWriter json) => json.WriteStringValue(_text.ToString());
}
