using System.Text;

namespace CacheProxy.Inference.Templates.Jinja;

/// <summary>
/// A string that remembers which of its characters the template wrote and which came in with the messages. Joining and
/// cutting keep the borders; whatever else changes the text makes all of it count as input unless the template wrote all.
/// </summary>
internal sealed class JinjaText
{
    public static readonly JinjaText Empty = new("", []);

    private readonly (int End, bool FromTemplate)[] _runs;

    private JinjaText(string value, (int End, bool FromTemplate)[] runs)
    {
        Value = value;
        _runs = runs;
    }

    public string Value { get; }

    public int Length => Value.Length;

    public bool IsAllTemplate => Array.TrueForAll(_runs, run => run.FromTemplate);

    public static JinjaText FromTemplate(string value) => Create(value, true);

    public static JinjaText FromInput(string value) => Create(value, false);

    public static JinjaText Concat(JinjaText first, JinjaText second) =>
        first.Length == 0 ? second : second.Length == 0 ? first : new Builder().Append(first).Append(second).Build();

    /// <summary>Another text made from this one by an operation that moves characters.</summary>
    public JinjaText Derive(string value) => value == Value ? this : Create(value, IsAllTemplate);

    public JinjaText Slice(int start, int length)
    {
        if (length == Length)
        {
            return this;
        }

        var builder = new Builder();
        foreach ((int runStart, int runLength, bool fromTemplate) in Runs())
        {
            int from = Math.Max(start, runStart);
            int to = Math.Min(start + length, runStart + runLength);
            if (from < to)
            {
                builder.Append(Value.AsSpan(from, to - from), fromTemplate);
            }
        }

        return builder.Build();
    }

    public IEnumerable<(int Start, int Length, bool FromTemplate)> Runs()
    {
        int start = 0;
        foreach ((int end, bool fromTemplate) in _runs)
        {
            yield return (start, end - start, fromTemplate);
            start = end;
        }
    }

    public override string ToString() => Value;

    private static JinjaText Create(string value, bool fromTemplate) =>
        value.Length == 0 ? Empty : new JinjaText(value, [(value.Length, fromTemplate)]);

    /// <summary>Joins pieces; neighbours of the same origin become one run.</summary>
    internal sealed class Builder
    {
        private readonly StringBuilder _value = new();
        private readonly List<(int End, bool FromTemplate)> _runs = [];

        public int Length => _value.Length;

        public Builder Append(JinjaText text)
        {
            foreach ((int start, int length, bool fromTemplate) in text.Runs())
            {
                Append(text.Value.AsSpan(start, length), fromTemplate);
            }

            return this;
        }

        public Builder Append(ReadOnlySpan<char> value, bool fromTemplate)
        {
            if (value.IsEmpty)
            {
                return this;
            }

            _value.Append(value);
            if (_runs.Count > 0 && _runs[^1].FromTemplate == fromTemplate)
            {
                _runs.RemoveAt(_runs.Count - 1);
            }

            _runs.Add((_value.Length, fromTemplate));
            return this;
        }

        public JinjaText Build() => _value.Length == 0 ? Empty : new JinjaText(_value.ToString(), [.. _runs]);
    }
}
