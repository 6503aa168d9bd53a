using CacheProxy.Exchange;

namespace CacheProxy.Fingerprint;

/// <summary>What has been read of a request so far: its canonical bytes and what will be its <see cref="RequestFacts"/>. Reused; one per thread and dialect.</summary>
internal sealed class RequestDraft
{
    private readonly List<DraftTurn> _turns = [];
    private int _promptAt;
    private (int Start, int End) _question;

    /// <summary>The request in its own dialect's canonical form.</summary>
    public CanonicalBuffer Buffer { get; } = new();

    /// <summary>The request in the form that dialects share, as long as it has one.</summary>
    public SharedForm Shared { get; } = new();

    public string? Model { get; set; }

    public bool HasPrompt { get; private set; }

    public bool IsStream { get; set; }

    public bool IncludesUsage { get; set; }

    public string? User { get; set; }

    public string? SafetyIdentifier { get; set; }

    public double? Temperature { get; set; }

    public bool HasSeed { get; set; }

    public int? MaxTokens { get; set; }

    public int Choices { get; set; }

    public int Prompts { get; set; }

    public int Turns { get; set; }

    public bool HasTools { get; set; }

    public bool HasHostedTools { get; set; }

    public bool HasToolResults { get; set; }

    public bool UsesServerState { get; set; }

    public bool HasNonTextContent { get; set; }

    public bool HasRemoteContent { get; set; }

    public bool WantsNonTextOutput { get; set; }

    public bool WantsLogProbs { get; set; }

    public string? LastUserText { get; private set; }

    /// <summary>Every turn is noted for <see cref="TurnList"/>; off, where only the last one counts.</summary>
    public bool KeepsTurns { get; set; }

    /// <summary>The turns in order, where <see cref="KeepsTurns"/>; places count from <see cref="PromptAt"/>.</summary>
    public IReadOnlyList<DraftTurn> TurnList => _turns;

    /// <summary>Where the last user turn's content lies in <see cref="Buffer"/>; only where there is a <see cref="LastUserText"/>.</summary>
    public (int Start, int End) Question => (_promptAt + _question.Start, _promptAt + _question.End);

    public void Clear()
    {
        Buffer.Clear();
        Shared.Clear();
        _turns.Clear();
        (Model, User, SafetyIdentifier, LastUserText) = (null, null, null, null);
        (Temperature, MaxTokens) = (null, null);
        (Choices, Prompts, Turns) = (1, 1, 0);
        HasPrompt = IsStream = IncludesUsage = HasSeed = HasTools = HasHostedTools = HasToolResults = UsesServerState = false;
        HasNonTextContent = HasRemoteContent = WantsNonTextOutput = WantsLogProbs = false;
    }

    /// <summary>The prompt is read; its value begins at <paramref name="start"/> until the members are sorted.</summary>
    public void NotePrompt(int start) => (HasPrompt, _promptAt) = (true, start);

    public int PromptAt
    {
        get => _promptAt;
        set => _promptAt = value;
    }

    /// <summary>Of the turns, the last one noted counts; a user's without text, or a blank one, is no question in words.</summary>
    public void NoteTurn(DraftTurn turn)
    {
        LastUserText = turn.Role != TurnRole.User || string.IsNullOrWhiteSpace(turn.Text) ? null : turn.Text;
        _question = (turn.Start, turn.End);
        if (KeepsTurns)
        {
            _turns.Add(turn);
        }
    }

    public RequestFacts ToFacts() => new()
    {
        Model = Model ?? "",
        IsStream = IsStream,
        IncludesUsage = IncludesUsage,
        Temperature = Temperature,
        HasSeed = HasSeed,
        MaxTokens = MaxTokens,
        Choices = Choices,
        Prompts = Prompts,
        MessageCount = Turns,
        HasTools = HasTools,
        HasHostedTools = HasHostedTools,
        HasToolResults = HasToolResults,
        UsesServerState = UsesServerState,
        HasNonTextContent = HasNonTextContent,
        HasRemoteContent = HasRemoteContent,
        WantsNonTextOutput = WantsNonTextOutput,
        WantsLogProbs = WantsLogProbs,
        User = User ?? SafetyIdentifier,
        LastUserText = LastUserText,
    };
}
