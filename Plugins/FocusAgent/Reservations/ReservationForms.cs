using System.Globalization;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Reservations;

/// <summary>The forms of the commands (XEP-0004).</summary>
internal static class ReservationForms
{
    private static readonly (string Label, TimeSpan Value)[] Durations =
    [
        ("1 hour", TimeSpan.FromHours(1)), ("2 hours", TimeSpan.FromHours(2)), ("4 hours", TimeSpan.FromHours(4)), ("8 hours", TimeSpan.FromHours(8)),
        ("1 day", TimeSpan.FromDays(1)), ("1 week", TimeSpan.FromDays(7)), ("30 days", TimeSpan.FromDays(30)),
    ];

    /// <summary>Asks until when a room is to be reserved.</summary>
    public static Element Ask(Jid room, TimeSpan longest)
    {
        var form = Form("form").Add("title", t => t.Text($"Reserve {room}"))
            .Add("instructions", t => t.Text("While the room is reserved, guests may enter it though nobody is there yet."))
            .Add(FormType());
        form.Add("field", f =>
        {
            f.Attr("type", "list-single").Attr("var", "duration").Attr("label", "For").Add("value", v => v.Text(Seconds(ReservationEnd.Default)));
            foreach (var (label, value) in Durations.Where(d => d.Value <= longest)) f.Add("option", o => o.Attr("label", label).Add("value", v => v.Text(Seconds(value))));
        });
        return form.Add("field", f => f.Attr("type", "text-single").Attr("var", "until").Attr("label", "Or until (such as 2026-12-24T20:00:00Z)"));
    }

    /// <summary>Lists reservations.</summary>
    public static Element Show(IEnumerable<RoomReservation> reservations)
    {
        var form = Form("result").Add("title", t => t.Text("Your reservations"))
            .Add("reported", r => r.Add("field", f => f.Attr("var", "room").Attr("label", "Room").Attr("type", "jid-single")).Add("field", f => f.Attr("var", "until").Attr("label", "Until")));
        foreach (var one in reservations)
            form.Add("item", i => i.Add("field", f => f.Attr("var", "room").Add("value", v => v.Text(one.Room.ToString()))).Add("field", f => f.Attr("var", "until").Add("value", v => v.Text(ReservationEnd.Write(one.Until)))));
        return form;
    }

    /// <summary>The first value of a field of a submitted form; null if there is none.</summary>
    public static string? Value(Element form, string name) =>
        form.ChildrenNamed("field", ReservationNames.Forms).FirstOrDefault(f => f["var"] == name)?.Child("value")?.Value;

    private static Element Form(string type) => new Element("x", ReservationNames.Forms).Attr("type", type);

    private static Element FormType() => new Element("field", ReservationNames.Forms).Attr("type", "hidden").Attr("var", "FORM_TYPE").Add("value", v => v.Text(ReservationNames.Namespace));

    private static string Seconds(TimeSpan span) => ((long)span.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}
