using System.Text;
using System.Text.Json;

namespace CacheProxy.Fingerprint;

/// <summary>Looks into a turn's content without consuming it: its text, and what else is there.</summary>
/// <param name="Text">All text of it; null: there is something else, or nothing.</param>
/// <param name="IsOneText">It is one string, or one part that stands for the same.</param>
/// <param name="HasRemote">Some of it is only named, by address or file id.</param>
internal readonly record struct ContentProbe(string? Text, bool IsOneText, bool HasNonText, bool HasRemote, bool HasToolResult)
{
    /// <param name="reader">A copy that stands on the content's first token.</param>
    public static ContentProbe Inspect(Utf8JsonReader reader, TurnRules rules)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return new ContentProbe(reader.GetString(), true, false, false, false);
            case JsonTokenType.StartArray or JsonTokenType.StartObject:
                var scan = new PartScan(rules);
                scan.Run(reader);
                return scan.Result;
            default:
                return default;
        }
    }

    private struct PartScan(TurnRules rules)
    {
        private StringBuilder? _text;
        private string? _first;
        private int _parts;
        private int _texts;
        private int _types;
        private bool _isPlain = true;
        private bool _isOtherText;
        private bool _hasNonText;
        private bool _hasRemote;
        private bool _hasToolResult;

        public readonly ContentProbe Result
        {
            get
            {
                bool isText = _isPlain && _texts == _parts && _types == _parts;
                return new ContentProbe(
                    isText ? _text?.ToString() ?? _first ?? "" : null, isText && _parts == 1 && !_isOtherText, _hasNonText, _hasRemote, _hasToolResult);
            }
        }

        public void Run(Utf8JsonReader reader)
        {
            _isPlain = reader.TokenType == JsonTokenType.StartArray;
            int depth = reader.CurrentDepth;
            while (reader.Read() && reader.CurrentDepth > depth)
            {
                bool isPart = reader.CurrentDepth == depth + 2;
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        ReadMember(ref reader, isPart);
                        break;
                    case JsonTokenType.StartObject when reader.CurrentDepth == depth + 1:
                        _parts++;
                        break;
                    case JsonTokenType.EndObject when reader.CurrentDepth == depth + 1:
                        break;
                    default:
                        _isPlain = false;
                        break;
                }
            }
        }

        private void ReadMember(ref Utf8JsonReader reader, bool isPart)
        {
            if (isPart && reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                ReadType(reader);
            }
            else if (isPart && reader.ValueTextEquals("text"u8))
            {
                reader.Read();
                AddText(reader);
            }
            else if (isPart && rules.OmitsCacheControl && reader.ValueTextEquals("cache_control"u8))
            {
                reader.Skip();
            }
            else if (isPart && rules.OmitsCacheControl && reader.ValueTextEquals("input"u8))
            {
                // What the model gave a tool: addresses in it are text.
                reader.Skip();
                _isPlain = false;
            }
            else if (IsAddress(reader))
            {
                reader.Read();
                _hasRemote |= reader.TokenType == JsonTokenType.String && !reader.GetString()!.StartsWith("data:", StringComparison.OrdinalIgnoreCase);
                _isPlain = false;
            }
            else
            {
                _isPlain = false;
            }
        }

        private void ReadType(Utf8JsonReader reader)
        {
            if (reader.TokenType != JsonTokenType.String)
            {
                _isPlain = false;
                return;
            }

            _types++;
            string type = reader.GetString()!;
            bool isText = type is "text" or "input_text" or "output_text";
            _isPlain &= isText;
            _isOtherText |= !reader.ValueTextEquals(rules.TextType);
            _hasToolResult |= type.EndsWith("tool_result", StringComparison.Ordinal);
            _hasNonText |= !isText && !type.Contains("tool", StringComparison.Ordinal) && type is not ("refusal" or "thinking" or "redacted_thinking");
        }

        private void AddText(Utf8JsonReader reader)
        {
            if (reader.TokenType != JsonTokenType.String)
            {
                _isPlain = false;
                return;
            }

            string text = reader.GetString()!;
            if (_texts++ == 0)
            {
                _first = text;
                return;
            }

            // A part break is a break: "a" + "b" must not read like "ab".
            _text ??= new StringBuilder(_first);
            _text.Append('\n').Append(text);
        }

        private static bool IsAddress(Utf8JsonReader reader)
            => reader.ValueTextEquals("url"u8) || reader.ValueTextEquals("image_url"u8) || reader.ValueTextEquals("file_url"u8) || reader.ValueTextEquals("file_id"u8);
    }
}
