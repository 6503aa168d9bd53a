namespace CacheProxy.Inference.Templates.Jinja;

/// <summary>A template that cannot be read or rendered. The message names the template's line.</summary>
public sealed class JinjaException : Exception
{
    public JinjaException(string problem, int line, bool raisedByTemplate = false)
        : base(raisedByTemplate ? problem : $"Chat template, line {line}: {problem}")
    {
        Line = line;
        RaisedByTemplate = raisedByTemplate;
    }

    /// <summary>Line in the template, from 1.</summary>
    public int Line { get; }

    /// <summary>The template called <c>raise_exception</c>: the messages do not suit it, and its own words say why.</summary>
    public bool RaisedByTemplate { get; }
}
