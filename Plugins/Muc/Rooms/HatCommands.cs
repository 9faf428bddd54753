using System.Globalization;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>The commands by which owners and admins give out hats (XEP-0317 section 3). Each is one form: what is submitted says all, so that nothing is kept between.</summary>
internal sealed class HatCommands(RoomState room, PresenceVoice voice, Ownership ownership)
{
    private const string Prefix = "urn:xmpp:hats:commands";
    private const string Create = Prefix + ":create", Destroy = Prefix + ":destroy", List = Prefix + ":list", Assign = Prefix + ":assign", Unassign = Prefix + ":unassign", ListAssigned = Prefix + ":list-assigned";

    /// <summary>The commands, each with its title.</summary>
    public static IReadOnlyList<(string Node, string Title)> All { get; } =
    [
        (Create, "Create a hat"), (Destroy, "Destroy a hat"), (List, "List hats"), (Assign, "Assign a hat"), (Unassign, "Take a hat away"), (ListAssigned, "List who wears which hat"),
    ];

    /// <summary>The title of a command; null if there is none of that node.</summary>
    public static string? TitleOf(string node) => All.FirstOrDefault(c => c.Node == node).Title;

    /// <summary>Takes a command.</summary>
    public void Take(Iq iq)
    {
        var node = iq.Payload!["node"];
        if (iq.Type != "set" || node is null || TitleOf(node) is null)
        {
            room.Out.Refuse(iq, iq.Type == "set" ? StanzaCondition.ItemNotFound : StanzaCondition.BadRequest);
            return;
        }

        var affiliation = room.AffiliationOf(iq.From!);
        var isOpen = node == List && (room.Occupants.Of(iq.From) is not null || affiliation >= Affiliation.Member);
        if (!isOpen && affiliation < Affiliation.Admin)
        {
            room.Out.Refuse(iq, StanzaCondition.Forbidden);
            return;
        }

        if (iq.Payload["action"] == "cancel")
        {
            Answer(iq, "canceled", null);
            return;
        }

        switch (node)
        {
            case List:
                Answer(iq, "completed", HatTables.Hats(room.Hats.All));
                return;
            case ListAssigned:
                Answer(iq, "completed", HatTables.Worn(room.Hats.Worn));
                return;
        }

        if (DataForm.Within(iq.Payload) is not { Type: "submit" } form) Answer(iq, "executing", FormOf(node).ToElement());
        else if (Run(node, form) is { } error) room.Out.Refuse(iq, error);
        else Answer(iq, "completed", null);
    }

    private StanzaError? Run(string node, DataForm form)
    {
        var uri = form.Value("hats#uri");
        if (uri is not { Length: > 0 and <= 1024 }) return new StanzaError(StanzaCondition.BadRequest, "A hat is named by its URI.");
        if (node == Create) return Make(uri, form.Value("hats#title"), form.Value("hats#hue"));
        if (room.Hats.Find(uri) is null) return new StanzaError(StanzaCondition.ItemNotFound, "There is no such hat.");
        if (node == Destroy)
        {
            foreach (var wearer in room.Hats.Remove(uri)) Show(wearer);
            room.Out.Changes.Hats = true;
            ownership.Tell(104);
            return null;
        }

        if (!Jid.TryParse(form.Value("hats#jid"), out var jid)) return new StanzaError(StanzaCondition.JidMalformed);
        if (node == Assign)
        {
            if (room.Hats.WornCount >= room.Rules.MaxAffiliations) return new StanzaError(StanzaCondition.ResourceConstraint, "As many hats are worn as may be.");
            room.Hats.PutOn(jid.Bare, uri);
        }
        else if (!room.Hats.TakeOff(jid.Bare, uri))
        {
            return new StanzaError(StanzaCondition.ItemNotFound, "That hat is not worn there.");
        }

        room.Out.Changes.Hats = true;
        Show(jid.Bare);
        return null;
    }

    private StanzaError? Make(string uri, string? title, string? hue)
    {
        if (title is not { Length: > 0 and <= 256 }) return new StanzaError(StanzaCondition.BadRequest, "A hat has a title.");
        if (hue is { Length: > 0 } && !(double.TryParse(hue, NumberStyles.Float, CultureInfo.InvariantCulture, out var angle) && angle is >= 0 and < 360)) return new StanzaError(StanzaCondition.NotAcceptable, "A hue is an angle from 0 to 360.");
        if (room.Hats.Find(uri) is null && room.Hats.All.Count >= room.Rules.MaxHats) return new StanzaError(StanzaCondition.ResourceConstraint, "The room has as many hats as it may.");
        room.Hats.Put(new Hat(uri, title, hue is { Length: > 0 } ? hue : null));
        room.Out.Changes.Hats = true;
        foreach (var wearer in room.Hats.WearersOf(uri).ToList()) Show(wearer);
        ownership.Tell(104);
        return null;
    }

    // Whoever is there under it shows the hat at once.
    private void Show(Jid account)
    {
        foreach (var occupant in room.Occupants.OfAccount(account))
        {
            occupant.Templates = default;
            voice.TellAll(occupant, occupant.Role);
        }
    }

    private DataForm FormOf(string node)
    {
        var form = new DataForm("form", Prefix) { Title = TitleOf(node) };
        if (node is Assign or Unassign) form.Add(new FormField("hats#jid", "jid-single", []) { Label = "Address", IsRequired = true });
        if (node == Create)
        {
            return form.Add(new FormField("hats#title", "text-single", []) { Label = "Title", IsRequired = true }).Add(new FormField("hats#uri", "text-single", []) { Label = "URI", IsRequired = true })
                .Add(new FormField("hats#hue", "text-single", []) { Label = "Hue" });
        }

        return form.Add(new FormField("hats#uri", "list-single", []) { Label = "Hat", IsRequired = true, Options = [.. room.Hats.All.Select(h => ((string?)h.Title, h.Uri))] });
    }

    private void Answer(Iq iq, string status, Element? form)
    {
        var session = iq.Payload!["sessionid"] ?? string.Create(CultureInfo.InvariantCulture, $"{room.Now.ToUnixTimeMilliseconds():x}");
        room.Out.Answer(iq, new Element("command", MucNames.Commands).Attr("node", iq.Payload["node"]).Attr("sessionid", session).Attr("status", status).Add(form));
    }
}
