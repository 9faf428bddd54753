using System.Diagnostics.CodeAnalysis;

namespace Parley.Xmpp.Core.Addressing;

/// <summary>An XMPP address, <c>local@domain/resource</c> (RFC 7622). Immutable; equality is by the prepared (normalised) parts.</summary>
public sealed record Jid
{
    /// <summary>The longest part that RFC 7622 section 3 allows, in UTF-8 bytes.</summary>
    public const int MaxPartBytes = 1023;

    // Made when they are first asked for, by whichever thread: they come out the same.
    private Jid? _bare;
    private string? _text;
    private int _hash;

    private Jid(string? local, string domain, string? resource) => (Local, Domain, Resource) = (local, domain, resource);

    /// <summary>The localpart, prepared; null for a domain's own address.</summary>
    public string? Local { get; }

    /// <summary>The domainpart, lower-cased, without a trailing dot.</summary>
    public string Domain { get; }

    /// <summary>The resourcepart; null for a bare address.</summary>
    public string? Resource { get; }

    /// <summary>Whether this address has no resource.</summary>
    public bool IsBare => Resource is null;

    /// <summary>This address without its resource; itself if it has none.</summary>
    public Jid Bare => Resource is null ? this : _bare ??= new Jid(Local, Domain, null);

    /// <summary>Parses and prepares an address.</summary>
    /// <exception cref="FormatException">The text is no address by RFC 7622.</exception>
    public static Jid Parse(string text) =>
        TryParse(text, out var jid) ? jid : throw new FormatException("Not an XMPP address (RFC 7622).");

    /// <summary>Parses and prepares an address; false (never an exception) if it is not one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Jid? jid)
    {
        jid = null;
        if (string.IsNullOrEmpty(text)) return false;
        if (RecentJids.Find(text) is { } recent)
        {
            jid = recent;
            return true;
        }

        // RFC 7622 section 3.1: the first slash ends the bare address, then the first at-sign ends the localpart.
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var resource = slash < 0 ? null : text[(slash + 1)..];
        var bare = slash < 0 ? text : text[..slash];
        var at = bare.IndexOf('@', StringComparison.Ordinal);
        if (!TryCreate(at < 0 ? null : bare[..at], at < 0 ? bare : bare[(at + 1)..], resource, out jid)) return false;
        RecentJids.Keep(jid);
        return true;
    }

    /// <summary>Makes an address of raw parts, preparing each; false if a part is not allowed.</summary>
    public static bool TryCreate(string? local, string domain, string? resource, [NotNullWhen(true)] out Jid? jid)
    {
        jid = null;
        if (!JidPreparation.TryDomain(domain, out var d)) return false;
        string? l = null, r = null;
        if (local is not null && !JidPreparation.TryLocal(local, out l)) return false;
        if (resource is not null && !JidPreparation.TryResource(resource, out r)) return false;
        jid = new Jid(l, d, r);
        return true;
    }

    /// <summary>This bare address with the given resource.</summary>
    /// <exception cref="FormatException">The resource is not allowed by RFC 7622 section 3.4.</exception>
    public Jid WithResource(string resource) =>
        JidPreparation.TryResource(resource, out var r) ? new Jid(Local, Domain, r) : throw new FormatException("Not a resourcepart (RFC 7622 section 3.4).");

    /// <summary>The address as text.</summary>
    public override string ToString() => _text ??=
        (Local, Resource) switch
        {
            (null, null) => Domain,
            (null, _) => $"{Domain}/{Resource}",
            (_, null) => $"{Local}@{Domain}",
            _ => $"{Local}@{Domain}/{Resource}",
        };

    /// <summary>Whether both are the same address.</summary>
    public bool Equals(Jid? other) => ReferenceEquals(this, other)
        || (other is not null && Local == other.Local && Resource == other.Resource && Domain == other.Domain);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        // Zero is not made yet; an address whose hash that is makes it each time.
        if (_hash == 0) _hash = HashCode.Combine(Local, Domain, Resource);
        return _hash;
    }

    /// <summary>Parses an address given as text.</summary>
    public static implicit operator Jid(string text) => Parse(text);
}
