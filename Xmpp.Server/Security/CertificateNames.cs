using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace Parley.Xmpp.Server.Security;

/// <summary>The domains that a certificate speaks for (RFC 6120 section 13.7.1.2): dNSName with a wildcard as its first label, SRVName and XmppAddr. A common name counts for nothing.</summary>
internal sealed class CertificateNames
{
    private const string SubjectAlternativeName = "2.5.29.17";
    private const string XmppAddr = "1.3.6.1.5.5.7.8.5";
    private const string SrvName = "1.3.6.1.5.5.7.8.7";
    private const string Service = "_xmpp-server.";

    private readonly List<string> _names = [];
    private readonly List<string> _wildcards = [];

    private CertificateNames() { }

    /// <summary>All of them, for people.</summary>
    public IEnumerable<string> All => _names.Concat(_wildcards.Select(w => "*." + w)).Distinct(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads a certificate's names; what cannot be read names nobody.</summary>
    public static CertificateNames Of(X509Certificate2 certificate)
    {
        var names = new CertificateNames();
        try
        {
            foreach (var extension in certificate.Extensions.Where(e => e.Oid?.Value == SubjectAlternativeName)) names.Read(new AsnReader(extension.RawData, AsnEncodingRules.DER));
        }
        catch (AsnContentException)
        {
            return new CertificateNames();
        }

        return names;
    }

    /// <summary>Whether it speaks for a domain.</summary>
    public bool Include(string domain)
    {
        if (Ascii(domain) is not { } ascii) return false;
        var parent = ascii.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? ascii[(dot + 1)..] : null;
        return _names.Contains(ascii, StringComparer.OrdinalIgnoreCase) || (parent is not null && _wildcards.Contains(parent, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>A domain as DNS and certificates spell it; null if they cannot.</summary>
    public static string? Ascii(string domain)
    {
        try
        {
            return new IdnMapping().GetAscii(domain);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private void Read(AsnReader extension)
    {
        var names = extension.ReadSequence();
        while (names.HasData)
        {
            var tag = names.PeekTag();
            if (tag.HasSameClassAndValue(new Asn1Tag(TagClass.ContextSpecific, 2)))
            {
                var name = names.ReadCharacterString(UniversalTagNumber.IA5String, tag);
                if (name.StartsWith("*.", StringComparison.Ordinal)) _wildcards.Add(name[2..]);
                else _names.Add(name);
            }
            else if (tag.HasSameClassAndValue(new Asn1Tag(TagClass.ContextSpecific, 0)))
            {
                ReadOther(names.ReadSequence(tag));
            }
            else
            {
                names.ReadEncodedValue();
            }
        }
    }

    // OtherName ::= SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY }
    private void ReadOther(AsnReader other)
    {
        var type = other.ReadObjectIdentifier();
        if (type is not (XmppAddr or SrvName)) return;
        var value = other.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0));
        if (type == XmppAddr)
        {
            if (Ascii(value.ReadCharacterString(UniversalTagNumber.UTF8String)) is { } domain) _names.Add(domain);
        }
        else if (value.ReadCharacterString(UniversalTagNumber.IA5String) is var name && name.StartsWith(Service, StringComparison.OrdinalIgnoreCase))
        {
            _names.Add(name[Service.Length..]);
        }
    }
}
