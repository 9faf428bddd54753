using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Jingle;

/// <summary>A content (XEP-0166 section 7.3): what is sent, by whom, and how.</summary>
/// <param name="Creator">Which party made it.</param>
/// <param name="Name">Its name, unique among its creator's.</param>
public sealed record JingleContent(JingleCreator Creator, string Name)
{
    /// <summary>Who sends.</summary>
    public JingleSenders Senders { get; init; } = JingleSenders.Both;

    /// <summary>The disposition; <c>session</c> unless told otherwise.</summary>
    public string Disposition { get; init; } = "session";

    /// <summary>The RTP description; null if there is none or it is of another kind.</summary>
    public RtpDescription? Description { get; init; }

    /// <summary>The ICE-UDP transport; null if there is none or it is of another kind.</summary>
    public IceUdpTransport? Transport { get; init; }

    /// <summary>The raw UDP transport (XEP-0177); null if there is none or it is of another kind.</summary>
    public RawUdpTransport? RawTransport { get; init; }

    /// <summary>A description of another kind that came instead.</summary>
    public string? ForeignDescription { get; init; }

    /// <summary>A transport of another kind than ICE-UDP that came instead.</summary>
    public string? ForeignTransport { get; init; }

    internal Element ToElement()
    {
        var e = new Element("content", Ns.Jingle).Attr("creator", JingleNames.Write(Creator)).Attr("name", Name);
        if (Senders != JingleSenders.Both) e.Attr("senders", JingleNames.Write(Senders));
        if (Disposition != "session") e.Attr("disposition", Disposition);
        return e.Add(Description?.ToElement()).Add(Transport?.ToElement()).Add(RawTransport?.ToElement());
    }

    internal static JingleContent Read(Element e)
    {
        if (e["creator"] is null) throw new JingleFaultException("content lacks 'creator'");
        var description = e.Children.FirstOrDefault(c => c.Name == "description");
        var transport = e.Children.FirstOrDefault(c => c.Name == "transport");
        return new JingleContent(Reading.Word(e, "creator", JingleCreator.Initiator), Reading.Required(e, "name"))
        {
            Senders = Reading.Word(e, "senders", JingleSenders.Both),
            Disposition = Reading.Optional(e, "disposition") ?? "session",
            Description = description?.Namespace == Ns.JingleRtp ? RtpDescription.Read(description) : null,
            Transport = transport?.Namespace == Ns.JingleIceUdp ? IceUdpTransport.Read(transport) : null,
            RawTransport = transport?.Namespace == Ns.JingleRawUdp ? RawUdpTransport.Read(transport) : null,
            ForeignDescription = description?.Namespace != Ns.JingleRtp ? description?.Namespace : null,
            ForeignTransport = transport?.Namespace != Ns.JingleIceUdp ? transport?.Namespace : null,
        };
    }
}

/// <summary>Contents that belong together (XEP-0338), such as BUNDLE.</summary>
public sealed record JingleGroup(string Semantics, IReadOnlyList<string> Contents)
{
    internal Element ToElement() => new Element("group", Ns.JingleGrouping).Attr("semantics", Semantics)
        .Add(Contents.Select(c => new Element("content", Ns.JingleGrouping).Attr("name", c)));

    internal static JingleGroup Read(Element e) => new(Reading.Required(e, "semantics"),
        Reading.List(e.ChildrenNamed("content", Ns.JingleGrouping), JingleLimits.Contents, c => Reading.Required(c, "name")));
}

/// <summary>Why something ends or is refused (XEP-0166 section 7.4).</summary>
public sealed record JingleReason(JingleCondition Condition, string? Text = null)
{
    /// <summary>The <c>reason</c> element.</summary>
    public Element ToElement()
    {
        var e = new Element("reason", Ns.Jingle).Add(new Element(JingleNames.Write(Condition), Ns.Jingle));
        return Text is null ? e : e.Add("text", t => t.Text(Text));
    }

    internal static JingleReason Read(Element e)
    {
        var condition = JingleCondition.GeneralError; // a reason that nobody knows is still one
        foreach (var child in e.Children)
        {
            if (child.Namespace == Ns.Jingle && JingleNames.TryRead<JingleCondition>(child.Name, out var known))
            {
                condition = known;
                break;
            }
        }

        return new JingleReason(condition, e.Child("text")?.Value is { Length: > 0 and <= JingleLimits.Text } text ? text : null);
    }
}
