using Microsoft.Extensions.Configuration;

namespace Parley.Server.Host.Configuration;

/// <summary>Everything wrong with a configuration, a line each that begins with its key.</summary>
internal sealed class Faults(Func<string, string>? sourceOf = null)
{
    private readonly List<string> _lines = [];

    /// <summary>The lines.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Adds a finished line.</summary>
    public void Add(string line) => _lines.Add(line);

    /// <summary>Adds finished lines.</summary>
    public void AddRange(IEnumerable<string> lines) => _lines.AddRange(lines);

    /// <summary>A value that does not fit.</summary>
    public void Wrong(string key, string? value, string right) => Add($"{key}: \"{value}\" is wrong, must be {right}{Source(key)}.");

    /// <summary>A key that nobody knows, with everything below it.</summary>
    /// <param name="section">The unknown key.</param>
    /// <param name="known">The names that would be known in its place.</param>
    public void Unknown(IConfigurationSection section, IEnumerable<string> known)
    {
        var nearest = NearestName.Find(section.Key, known);
        foreach (var leaf in Leaves(section))
        {
            var meant = nearest is null ? "" : $"; did you mean {section.Path[..^section.Key.Length]}{nearest}{leaf[section.Path.Length..]}?";
            Add($"{leaf}: there is no such key{Source(leaf)}{(meant.Length == 0 ? "." : meant)}");
        }
    }

    private string Source(string key) => sourceOf is null ? "" : $" (from {sourceOf(key)})";

    private static IEnumerable<string> Leaves(IConfigurationSection section)
    {
        var children = section.GetChildren().ToList();
        return children.Count == 0 ? [section.Path] : children.SelectMany(Leaves);
    }
}
