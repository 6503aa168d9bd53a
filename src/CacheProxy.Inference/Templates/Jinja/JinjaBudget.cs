namespace CacheProxy.Inference.Templates.Jinja;

/// <summary>Bounds what one rendering may cost, so that a bad template ends in an error instead of a busy or dead server.</summary>
internal sealed class JinjaBudget
{
    /// <summary>Evaluated nodes, plus one for every 16 characters or 4 items that a node makes.</summary>
    public const long MaxSteps = 4_000_000;

    /// <summary>Characters of the result or of any value on the way.</summary>
    public const int MaxCharacters = 8 << 20;

    /// <summary>Macros inside macros.</summary>
    public const int MaxCallDepth = 50;

    /// <summary>What the scope and the loop variables of one turn of a loop cost, in steps (about 1 µs).</summary>
    public const int IterationCost = 16;

    private long _steps;

    public int CallDepth { get; set; }

    public void Step(int line, long cost = 1)
    {
        _steps += cost;
        if (_steps > MaxSteps)
        {
            throw new JinjaException("rendering takes too many steps.", line);
        }
    }

    /// <summary>Before a text of that size is made.</summary>
    public void Reserve(int line, long characters)
    {
        CheckSize(line, characters);
        Step(line, characters / 16);
    }

    public void CheckSize(int line, long characters)
    {
        if (characters > MaxCharacters)
        {
            throw new JinjaException($"a text of more than {MaxCharacters} characters.", line);
        }
    }
}
