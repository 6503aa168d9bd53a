using System.Text;

namespace CacheProxy.Inference.Tools;

/// <summary>
/// Tells tool calls from text as an answer comes in. What turns out to be no call after all comes out as the text it is;
/// white space around calls is dropped.
/// </summary>
/// <param name="names">Functions that may be called; a call of another is text.</param>
/// <param name="maxCalls">Further ones are dropped.</param>
public sealed class ToolCallReader(ToolCallFormat format, IEnumerable<string> names, int maxCalls = int.MaxValue)
{
    private readonly HashSet<string> _names = [.. names];
    private readonly StringBuilder _held = new();
    private readonly StringBuilder _space = new();
    private readonly StringBuilder _content = new();
    private List<ToolCallEvent> _events = [];
    private Mode _mode = format.Marker is null ? Mode.Start : Mode.Text;
    private ToolCallScanner? _call;
    private bool _isAnnounced;
    private bool _isDropped;

    private enum Mode
    {
        /// <summary>Nothing but white space so far, and calls can only come first.</summary>
        Start,

        /// <summary>Text in which a marker may come.</summary>
        Text,

        /// <summary>A call has to begin.</summary>
        Before,

        /// <summary>Inside a call's JSON.</summary>
        Call,

        /// <summary>Behind a call.</summary>
        After,

        /// <summary>Text up to the end.</summary>
        Plain,
    }

    /// <summary>Calls found so far.</summary>
    public int Calls { get; private set; }

    /// <returns>What is certain now, in order.</returns>
    public IReadOnlyList<ToolCallEvent> Append(string piece)
    {
        _events = [];
        foreach (char next in piece)
        {
            Take(next);
        }

        AddArguments();
        AddContent();
        return _events;
    }

    /// <summary>The answer has ended.</summary>
    public IReadOnlyList<ToolCallEvent> Complete()
    {
        _events = [];
        if (_mode == Mode.Call && !_isAnnounced)
        {
            _held.Append(_call!.Text);
        }

        if (_mode != Mode.After)
        {
            Release(_held.ToString());
        }

        if (Calls == 0)
        {
            _content.Append(_space);
        }

        _held.Clear();
        AddContent();
        return _events;
    }

    private void Take(char next)
    {
        switch (_mode)
        {
            case Mode.Start:
                TakeStart(next);
                break;
            case Mode.Text:
                TakeText(next);
                break;
            case Mode.Before or Mode.After when next == '{' && (_mode == Mode.Before || format.Marker is null):
                Begin();
                break;
            case Mode.Before:
                TakeBefore(next);
                break;
            case Mode.Call:
                TakeCall(next);
                break;
            case Mode.After:
                TakeAfter(next);
                break;
            default:
                Release(next.ToString());
                break;
        }
    }

    private void TakeStart(char next)
    {
        _held.Append(next);
        string text = _held.ToString().TrimStart();
        string opening = format.ListOpen.Length > 0 ? format.ListOpen : "{";
        if (text.Length == 0 || (format.Prefix.StartsWith(text, StringComparison.Ordinal) && text != opening))
        {
            return;
        }

        if (text.StartsWith(format.Prefix, StringComparison.Ordinal))
        {
            text = text[format.Prefix.Length..].TrimStart();
        }

        if (text == opening)
        {
            _mode = Mode.Before;
            if (opening == "{")
            {
                _held.Length--;
                Begin();
            }
        }
        else if (text.Length > 0)
        {
            GiveUp();
        }
    }

    private void TakeText(char next)
    {
        string marker = format.Marker!;
        _held.Append(next);
        int matched = Math.Min(marker.Length, _held.Length);
        string text = _held.ToString();
        while (!text.EndsWith(marker[..matched], StringComparison.Ordinal))
        {
            matched--;
        }

        Release(text[..^matched]);
        _held.Clear().Append(text.AsSpan(text.Length - matched));
        _mode = matched == marker.Length ? Mode.Before : Mode.Text;
    }

    private void TakeBefore(char next)
    {
        _held.Append(next);
        if (char.IsWhiteSpace(next))
        {
            return;
        }

        // For Mistral the marker itself begins with a bracket.
        string text = _held.ToString().TrimStart();
        if (format.Marker is null && format.Prefix.StartsWith(text, StringComparison.Ordinal))
        {
            _mode = Mode.Start;
            return;
        }

        GiveUp();
    }

    private void Begin()
    {
        _mode = Mode.Call;
        _call = new ToolCallScanner(_names);
        _isAnnounced = false;
        TakeCall('{');
    }

    private void TakeCall(char next)
    {
        if (!_call!.Take(next))
        {
            _held.Append(_call.Text);
            GiveUp();
            return;
        }

        if (_call.Name is { } name && !_isAnnounced)
        {
            _isAnnounced = true;
            _held.Clear();
            _space.Clear();
            AddContent();
            _isDropped = Calls == maxCalls;
            if (!_isDropped)
            {
                Calls++;
                _events.Add(new ToolCallEvent(ToolCallEventKind.Call, name));
            }
        }

        if (_call.IsDone)
        {
            AddArguments();
            _mode = Mode.After;
        }
    }

    private void TakeAfter(char next)
    {
        _held.Append(next);
        string text = _held.ToString().TrimStart();
        string close = format.CallClose.TrimStart();
        bool isWrapping = format.Marker is null
            ? text.AsSpan().IndexOfAnyExcept(" \t\r\n,;" + format.ListClose) < 0
            : close.StartsWith(text, StringComparison.Ordinal);
        if (!isWrapping)
        {
            GiveUp();
        }
        else if (format.Marker is not null && text == close)
        {
            _held.Clear();
            _mode = Mode.Text;
        }
    }

    /// <summary>What was held as a possible call is text.</summary>
    private void GiveUp()
    {
        string text = _held.ToString();
        _held.Clear();
        _mode = format.Marker is null ? Mode.Plain : Mode.Text;
        Release(text);
    }

    private void Release(string text)
    {
        foreach (char next in text)
        {
            if (char.IsWhiteSpace(next))
            {
                _space.Append(next);
                continue;
            }

            _content.Append(_space).Append(next);
            _space.Clear();
        }
    }

    private void AddContent()
    {
        if (_content.Length > 0)
        {
            _events.Add(new ToolCallEvent(ToolCallEventKind.Content, _content.ToString()));
            _content.Clear();
        }
    }

    private void AddArguments()
    {
        if (_call is { Name: not null } && _isAnnounced && _call.TakeArguments() is { Length: > 0 } arguments && !_isDropped)
        {
            _events.Add(new ToolCallEvent(ToolCallEventKind.Arguments, arguments));
        }
    }
}
