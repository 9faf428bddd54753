namespace Parley.tests.Plays.Engine;

/// <summary>
/// A play: who does what, and who must hear what of it. A line says who acts and how; the XML that belongs to it stands below, indented. A line that begins with # is for people.
/// <c>docs/plays.md</c> tells the language.
/// </summary>
/// <param name="Name">Its name.</param>
/// <param name="Settings">Settings of a server of its own, as a key, a space and a value; none where it shares one.</param>
/// <param name="Lines">Its lines.</param>
public sealed record Play(string Name, IReadOnlyList<string> Settings, IReadOnlyList<PlayLine> Lines)
{
    private const string Setting = "with ";

    /// <summary>Reads a play.</summary>
    /// <exception cref="FormatException">A line is indented where none before it takes XML.</exception>
    public static Play Read(string name, string text)
    {
        var lines = new List<PlayLine>();
        var number = 0;
        foreach (var line in text.Split('\n').Select(l => l.TrimEnd()))
        {
            number++;
            if (line.Length == 0 || line.TrimStart().StartsWith('#')) continue;
            if (!char.IsWhiteSpace(line[0])) lines.Add(new PlayLine(number, line, ""));
            else if (lines.Count == 0) throw new FormatException($"{name}:{number}: XML without anybody who says or hears it.");
            else lines[^1] = lines[^1] with { Xml = lines[^1].Xml + line.Trim() + "\n" };
        }

        var settings = lines.TakeWhile(l => l.Text.StartsWith(Setting, StringComparison.Ordinal)).ToList();
        return new Play(name, [.. settings.Select(s => s.Text[Setting.Length..])], lines[settings.Count..]);
    }
}

/// <summary>A line of a play.</summary>
/// <param name="Number">Where it stands, from 1.</param>
/// <param name="Text">What it says.</param>
/// <param name="Xml">The XML below it; empty if there is none.</param>
public sealed record PlayLine(int Number, string Text, string Xml);

/// <summary>A play went otherwise than it is written.</summary>
public sealed class PlayException : Exception
{
    public PlayException()
    {
    }

    public PlayException(string message) : base(message)
    {
    }

    public PlayException(string message, Exception inner) : base(message, inner)
    {
    }
}
