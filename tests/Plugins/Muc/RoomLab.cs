using System.Text;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Muc.Rooms;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.Muc;

/// <summary>A room and people who send it stanzas. Who "ann" is at "ann" is <c>ann@one.test/a</c>; what she gets is told in a few words.</summary>
internal sealed class RoomLab
{
    public const string Address = "tea@rooms.one.test";
    private readonly Dictionary<string, List<Stanza>> _got = [];
    private int _ids;

    public RoomLab(RoomRules? rules = null, bool hasArchive = false, bool isConfigured = true, string owner = "ann@one.test")
    {
        Rules = rules ?? new RoomRules();
        HasArchive = hasArchive;
        Room = Room.Create(Address, owner, [.. Enumerable.Range(0, 32).Select(i => (byte)i)], Rules);
        if (!isConfigured) return;
        Room.Begin(Now, Rules, HasArchive);
        Room.OnIq((Iq)Parse($"<iq type='set' id='c' from='{owner}/setup' to='{Address}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>"));
        Changes = Room.Out.Take().Changes;
    }

    public Room Room { get; }

    public RoomRules Rules { get; set; }

    public bool HasArchive { get; set; }

    public IReadOnlyList<IRoomStandIn> StandIns { get; set; } = [];

    public DateTimeOffset Now { get; set; } = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    /// <summary>What was to be kept after the last stanza.</summary>
    public RoomChanges Changes { get; private set; } = new();

    /// <summary>The full address of somebody by name: ann is ann@one.test/a, ann/2 another client of hers.</summary>
    public static Jid Full(string who) => who.Contains('@', StringComparison.Ordinal) ? who : who.Contains('/', StringComparison.Ordinal) ? who.Replace("/", "@one.test/", StringComparison.Ordinal) : $"{who}@one.test/a";

    /// <summary>Sends a stanza without addresses.</summary>
    public RoomLab Send(string who, string to, string xml)
    {
        var at = xml.IndexOfAny([' ', '/', '>'], 1);
        var address = to.Length == 0 ? Address : $"{Address}/{to}";
        return Send((xml[..at] + $" from='{Full(who)}' to='{address}'" + xml[at..], null));
    }

    public RoomLab Enter(string who, string? nick = null, string inside = "") => Send(who, nick ?? who.Split('/')[0], $"<presence><x xmlns='http://jabber.org/protocol/muc'>{inside}</x></presence>");

    public RoomLab Leave(string who, string? nick = null) => Send(who, nick ?? who.Split('/')[0], "<presence type='unavailable'/>");

    public RoomLab Say(string who, string body, string more = "") => Send(who, "", $"<message type='groupchat' id='m{++_ids}'><body>{body}</body>{more}</message>");

    public RoomLab Ask(string who, string payload, string type = "set", string to = "") => Send(who, to, $"<iq type='{type}' id='q{++_ids}'>{payload}</iq>");

    public RoomLab Admin(string who, params string[] items) => Ask(who, $"<query xmlns='http://jabber.org/protocol/muc#admin'>{string.Concat(items)}</query>");

    /// <summary>Submits fields of the configuration, <c>name=value</c>; several of one name make a list.</summary>
    public RoomLab Configure(string who, params string[] fields)
    {
        var xml = new StringBuilder();
        foreach (var field in fields.Select(f => f.Split('=', 2)).GroupBy(f => f[0], f => f[1]))
        {
            xml.Append("<field var='muc#roomconfig_").Append(field.Key).Append("'>");
            foreach (var value in field) xml.Append("<value>").Append(value).Append("</value>");
            xml.Append("</field>");
        }

        return Ask(who, $"<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>{xml}</x></query>");
    }

    /// <summary>Takes what somebody got, whole.</summary>
    public IReadOnlyList<Stanza> Take(string who)
    {
        var all = _got.GetValueOrDefault(Full(who).ToString()) ?? [];
        _got.Remove(Full(who).ToString());
        return all;
    }

    /// <summary>Takes what somebody got, in words.</summary>
    public IReadOnlyList<string> Hear(string who) => [.. Take(who).Select(Words)];

    /// <summary>Forgets what everybody got.</summary>
    public RoomLab Quiet()
    {
        _got.Clear();
        return this;
    }

    public static Element Only(IReadOnlyList<Stanza> stanzas) => Assert.Single(stanzas).Element;

    public static Stanza Parse(string xml)
    {
        var at = xml.IndexOfAny([' ', '/', '>'], 1);
        var element = XmlStreamParser.ForFrames(new XmlStreamLimits { StanzaBytes = 1 << 20 }).Advance(Encoding.UTF8.GetBytes(xml[..at] + " xmlns='jabber:client'" + xml[at..]), out _).Element!;
        Assert.True(Stanza.TryRead(element, out var stanza, out _));
        return stanza;
    }

    public static DataForm Form(Element parent) => DataForm.Within(parent)!;

    private RoomLab Send((string Xml, object? _) stanza)
    {
        Room.Begin(Now, Rules, HasArchive, StandIns);
        var prepared = Parse(stanza.Xml) switch
        {
            Presence presence => Enter(presence),
            Message message => Room.OnMessage(message),
            Iq iq => Room.OnIq(iq),
            _ => null,
        };
        if (prepared is not null) Room.Reflect(prepared, $"id{++_ids}");
        Sort();
        return this;
    }

    /// <summary>Gives what the room sent to whom it is for.</summary>
    public void Sort()
    {
        Room.Settle();
        var (stanzas, changes) = Room.Out.Take();
        Changes = changes;
        foreach (var one in stanzas)
        {
            var to = one.To!.ToString();
            if (!_got.TryGetValue(to, out var got)) _got[to] = got = [];
            got.Add(one);
        }
    }

    private PreparedMessage? Enter(Presence presence)
    {
        Room.OnPresence(presence);
        return null;
    }

    public static string Words(Stanza stanza)
    {
        if (stanza.IsError) return $"{stanza.Element.Name} error {stanza.Element.Child("error")!.Children.First().Name}";
        var x = stanza.Element.Child("x", "http://jabber.org/protocol/muc#user");
        var codes = string.Concat(x?.ChildrenNamed("status", x.Namespace).Select(s => " " + s["code"]) ?? []);
        var from = stanza.From!.Resource ?? "room";
        switch (stanza)
        {
            case Presence:
                var items = x?.ChildrenNamed("item", x.Namespace).Select(i => $" {i["affiliation"]} {i["role"]}{(i["jid"] is { } jid ? " " + jid : "")}{(i["nick"] is { } nick ? " now " + nick : "")}");
                return $"{from} {stanza.Type ?? "here"}{string.Concat(items ?? [])}{codes}";
            case Message message:
                var late = message.Element.Child("delay", "urn:xmpp:delay") is null ? "" : "late ";
                if (message.Element.Child("subject") is { } subject && message.Body is null) return $"{from} subject '{subject.Value}'";
                return message.Body is { } body ? $"{late}{from}: {body}" : $"{from} message{codes}";
            default:
                return $"iq {stanza.Type}";
        }
    }
}
