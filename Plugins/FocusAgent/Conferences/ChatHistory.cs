namespace Parley.Plugins.FocusAgent.Conferences;

/// <summary>A line of a room's chat.</summary>
/// <param name="Author">The participant's id.</param>
/// <param name="Name">The participant's name then.</param>
/// <param name="MessageId">The id that the author's client gave; null if none.</param>
/// <param name="Body">What was said.</param>
/// <param name="At">When.</param>
public sealed record ChatLine(string Author, string Name, string? MessageId, string Body, DateTimeOffset At);

/// <summary>What was said last in a conference, for those who come later.</summary>
public sealed class ChatHistory
{
    /// <summary>The most lines kept.</summary>
    public const int MaxLines = 50;

    /// <summary>The longest line, in characters.</summary>
    public const int MaxLength = 4096;

    private readonly Queue<ChatLine> _lines = [];

    /// <summary>The lines, oldest first.</summary>
    public IReadOnlyCollection<ChatLine> Lines => _lines;

    /// <summary>Keeps a line.</summary>
    public void Add(ChatLine line)
    {
        _lines.Enqueue(line);
        if (_lines.Count > MaxLines) _lines.Dequeue();
    }
}
