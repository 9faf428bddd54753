namespace Parley.Plugins.About;

/// <summary>The section <c>Plugins:About</c>. Each list holds URIs, such as <c>mailto:admin@example.org</c> or <c>xmpp:admin@example.org</c>.</summary>
public sealed class AboutOptions
{
    /// <summary>Whether the answer to XEP-0092 names the operating system.</summary>
    public bool ShowSystem { get; set; }

    /// <summary>Whom to tell of abuse.</summary>
    public IList<string> Abuse { get; init; } = [];

    /// <summary>Who administers the server.</summary>
    public IList<string> Admin { get; init; } = [];

    /// <summary>Whom to tell what one thinks of it.</summary>
    public IList<string> Feedback { get; init; } = [];

    /// <summary>Whom to ask for more than there is.</summary>
    public IList<string> Sales { get; init; } = [];

    /// <summary>Whom to tell of weaknesses.</summary>
    public IList<string> Security { get; init; } = [];

    /// <summary>Where the server's state is told to people.</summary>
    public IList<string> Status { get; init; } = [];

    /// <summary>Whom to ask for help.</summary>
    public IList<string> Support { get; init; } = [];

    /// <summary>Where a file in JSON tells of outages (XEP-0455), best on another machine.</summary>
    public IList<string> OutageStatus { get; init; } = [];

    /// <summary>Finds faults.</summary>
    public static IEnumerable<string> Validate(AboutOptions options)
    {
        foreach (var (key, uris) in options.Lists())
        {
            if (uris.Count > 20) yield return $"{key}: must be at most 20.";
            for (var i = 0; i < uris.Count; i++)
            {
                if (!Uri.TryCreate(uris[i], UriKind.Absolute, out _) || uris[i].StartsWith('/')) yield return $"{key}:{i}: must be a URI, such as mailto:admin@example.org.";
            }
        }
    }

    private IEnumerable<(string Key, IList<string> Uris)> Lists() =>
    [
        (nameof(Abuse), Abuse), (nameof(Admin), Admin), (nameof(Feedback), Feedback), (nameof(Sales), Sales),
        (nameof(Security), Security), (nameof(Status), Status), (nameof(Support), Support), (nameof(OutageStatus), OutageStatus),
    ];
}
