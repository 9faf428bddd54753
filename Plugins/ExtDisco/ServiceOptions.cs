using System.Text.RegularExpressions;

namespace Parley.Plugins.ExtDisco;

/// <summary>A server beside this one (XEP-0215 section 2): without credentials, with fixed ones, or with a secret to make them of.</summary>
public sealed partial class ServiceOptions
{
    private const int MaxText = 256, MinSecret = 8;

    /// <summary>Such as <c>stun</c>, <c>turn</c>, <c>turns</c>.</summary>
    public string Type { get; set; } = "";

    /// <summary>A host name or a literal address.</summary>
    public string Host { get; set; } = "";

    /// <summary>The port; null: 5349 for stuns and turns, 3478 for stun and turn.</summary>
    public int? Port { get; set; }

    /// <summary><c>udp</c> or <c>tcp</c>; null: <c>tcp</c> for stuns and turns, else <c>udp</c>.</summary>
    public string? Transport { get; set; }

    /// <summary>A name for people; null: none.</summary>
    public string? Name { get; set; }

    /// <summary>A fixed username, told to everybody who asks; null: none.</summary>
    public string? Username { get; set; }

    /// <summary>Its password.</summary>
    public string? Password { get; set; }

    /// <summary>The secret that the server shares with this one, such as coturn's <c>static-auth-secret</c>; null: none.</summary>
    public string? Secret { get; set; }

    /// <summary>The port with its default.</summary>
    public int EffectivePort => Port ?? (IsTls ? 5349 : 3478);

    /// <summary>The transport with its default.</summary>
    public string EffectiveTransport => Transport ?? (IsTls ? "tcp" : "udp");

    /// <summary>Whether clients need credentials.</summary>
    public bool IsRestricted => Username is not null || Secret is not null;

    private bool IsTls => Type is "stuns" or "turns";

    /// <summary>Finds faults.</summary>
    public static IEnumerable<string> Validate(ServiceOptions options)
    {
        if (!TypeName().IsMatch(options.Type)) yield return "Type: must be a service type, such as stun, turn or turns";
        if (Uri.CheckHostName(options.Host) is UriHostNameType.Unknown) yield return "Host: must be a host name or an IP address";
        if (options.Port is < 1 or > 65535) yield return "Port: must be between 1 and 65535";
        if (options.Port is null && options.Type.Length > 0 && options.Type is not ("stun" or "stuns" or "turn" or "turns")) yield return "Port: must be given for this type";
        if (options.Transport is not (null or "udp" or "tcp")) yield return "Transport: must be udp or tcp";
        // XML can carry no control characters.
        foreach (var (key, text) in new[] { ("Name", options.Name), ("Username", options.Username), ("Password", options.Password) })
        {
            if (text is not null && (text.Length is 0 or > MaxText || text.Any(char.IsControl))) yield return $"{key}: must be 1 to {MaxText} characters, none of them a control character";
        }

        if (options.Username is null != options.Password is null) yield return $"{(options.Username is null ? "Username" : "Password")}: Username and Password go together";
        if (options.Secret is null)
        {
            if (options.Type is "turn" or "turns" && options.Username is null) yield return "Secret: a TURN server needs a Secret, or a Username and a Password";
            yield break;
        }

        if (options.Username is not null) yield return "Secret: there is a Username already; keep one of the two";
        // Whoever has credentials can try secrets in peace.
        if (options.Secret.Length is < MinSecret or > MaxText || options.Secret.Any(c => c is <= ' ' or > '~')) yield return $"Secret: must be {MinSecret} to {MaxText} visible ASCII characters";
    }

    [GeneratedRegex("^[a-z][a-z0-9_.-]{0,31}$")]
    private static partial Regex TypeName();
}
