using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Plugins.FocusAgent.Signalling;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Coin;
using Parley.Xmpp.Core.Jingle;

namespace Parley.Plugins.FocusAgent.Legs.AvConference;

/// <summary>How far a stream's session has come.</summary>
public enum StreamState
{
    /// <summary>To be opened once the relay has made its transports.</summary>
    New,
    /// <summary>Opened, not answered yet.</summary>
    Offered,
    /// <summary>Accepted: media goes.</summary>
    Open,
    /// <summary>Refused or ended; kept, so that the same is not offered again.</summary>
    Over,
}

/// <summary>One kind of media in a stream's session.</summary>
public sealed class StreamContent(string name, MediaTerms terms, MediaTransport transport)
{
    /// <summary>The content's name, and the mid.</summary>
    public string Name { get; } = name;

    /// <summary>What may be sent, until the client's answer narrows it.</summary>
    public MediaTerms Terms { get; set; } = terms;

    /// <summary>The transport that it leaves on.</summary>
    public MediaTransport Transport { get; } = transport;

    /// <summary>Its SSRC.</summary>
    public required uint Ssrc { get; init; }

    /// <summary>The SSRC of retransmissions; null without RTX.</summary>
    public required uint? RtxSsrc { get; init; }

    /// <summary>The client took it.</summary>
    public bool IsOpen { get; set; }
}

/// <summary>A session that the room opens to send one participant's stream to a client (XEP-0521, "Receiving Streams").</summary>
public sealed class StreamSession
{
    private readonly string _cname = Ids.New();

    /// <summary>Makes a session.</summary>
    /// <param name="number">Its number in the leg: names its transports and forwarders in the relay.</param>
    /// <param name="sender">Whose stream it brings.</param>
    /// <param name="terms">Its kinds of media.</param>
    /// <param name="isBundled">Whether all of it shares one transport.</param>
    /// <param name="ssrcs">Gives SSRCs.</param>
    public StreamSession(int number, Participant sender, IReadOnlyList<MediaTerms> terms, bool isBundled, Ssrcs ssrcs)
    {
        (Sender, IsBundled) = (sender, isBundled && terms.Count > 1);
        for (var i = 0; i < terms.Count; i++)
        {
            var transport = IsBundled && i > 0 ? Contents[0].Transport : new MediaTransport($"s{number}.{i}", IceRole.Controlling, DtlsRole.Undecided, null);
            Contents.Add(new StreamContent(i.ToString(System.Globalization.CultureInfo.InvariantCulture), terms[i], transport) { Ssrc = ssrcs.Next(), RtxSsrc = terms[i].HasRtx ? ssrcs.Next() : null });
        }

        Prefix = $"s{number}.";
    }

    /// <summary>The session's id.</summary>
    public string Sid { get; } = Ids.New();

    /// <summary>Whose stream it brings.</summary>
    public Participant Sender { get; }

    /// <summary>Whether all of it shares one transport.</summary>
    public bool IsBundled { get; }

    /// <summary>Begins the names of its forwarders.</summary>
    public string Prefix { get; }

    /// <summary>How far it has come.</summary>
    public StreamState State { get; set; }

    /// <summary>What it brings.</summary>
    public List<StreamContent> Contents { get; } = [];

    /// <summary>Its transports, each once; none once it is over.</summary>
    public IEnumerable<MediaTransport> Transports => State == StreamState.Over ? [] : Contents.Where(c => State != StreamState.Open || c.IsOpen).Select(c => c.Transport).Distinct();

    /// <summary>Its forwarders.</summary>
    public IEnumerable<ForwarderSpec> Forwarders => State != StreamState.Open ? [] : Contents.Where(c => c.IsOpen).Select(c => new ForwarderSpec(
        Prefix + MediaTerms.NameOf(c.Terms.Kind), c.Terms.Kind, c.Transport.Spec.Id, c.Terms.MidOf(c.Name), c.Ssrc, c.Terms.HasRtx ? c.RtxSsrc : null, _cname,
        c.Terms.Payloads, c.Terms.Extensions, Sender.SourceOf(c.Terms.Kind)));

    /// <summary>The session-initiate.</summary>
    public JingleMessage Initiate(Jid room) => new(JingleAction.SessionInitiate, Sid)
    {
        Initiator = room,
        Contents = [.. Contents.Select(c => new JingleContent(JingleCreator.Initiator, c.Name)
        {
            Senders = JingleSenders.Initiator,
            Description = c.Terms.Write([.. Sources(c)], c.RtxSsrc is { } rtx ? [new RtpSourceGroup("FID", [c.Ssrc, rtx])] : []),
            Transport = c.Transport.Write("actpass"),
        })],
        Groups = IsBundled ? [new JingleGroup("BUNDLE", [.. Contents.Select(c => c.Name)])] : [],
        Extras = [ConferenceInfo.FocusMarker([XmppUri.Of(Sender.Address.Bare)])],
    };

    /// <summary>Takes the client's session-accept.</summary>
    /// <returns>What is wrong with it; null if it is sound, though nothing may have been taken.</returns>
    public string? Accept(JingleMessage message)
    {
        foreach (var content in Contents)
        {
            if (message.Contents.FirstOrDefault(c => c.Creator == JingleCreator.Initiator && c.Name == content.Name) is not { Description: { } description } answer) continue;
            if (content.Terms.Narrow(description) is not { } terms || !description.RtcpMux) continue;
            if (content.Transport.Spec.Remote is null)
            {
                if (!RemoteTransports.TryRead(answer.Transport, out var remote, out var fault)) return fault;
                if (answer.Transport!.Setup is "actpass" or "holdconn") return "an answer settles the DTLS role";
                content.Transport.Settle(remote, MediaTransport.RoleAgainst(answer.Transport.Setup));
            }

            content.Terms = terms;
            content.IsOpen = true;
        }

        State = Contents.Exists(c => c.IsOpen) ? StreamState.Open : StreamState.Over;
        return null;
    }

    /// <summary>Whether an answer takes the bundle apart, for which a transport is missing.</summary>
    public bool IsUnbundledBy(JingleMessage message) =>
        IsBundled && message.Contents.Count > 1 && !message.Contents.All(c => message.Bundle?.Contains(c.Name) == true);

    private IEnumerable<RtpSource> Sources(StreamContent c)
    {
        KeyValuePair<string, string>[] parameters = [KeyValuePair.Create("cname", _cname), KeyValuePair.Create("msid", $"{Sender.Id} {Sender.Id}-{MediaTerms.NameOf(c.Terms.Kind)}")];
        yield return new RtpSource(c.Ssrc, parameters);
        if (c.RtxSsrc is { } rtx) yield return new RtpSource(rtx, parameters);
    }
}
