using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Forms;

/// <summary>A field of a data form (XEP-0004 section 3.2).</summary>
/// <param name="Name">Its name, the attribute <c>var</c>.</param>
/// <param name="Type">Its type (XEP-0004 section 3.3), such as <c>text-single</c>; null if it was not said, which means <c>text-single</c> in a form to fill in.</param>
/// <param name="Values">Its values in order.</param>
public sealed record FormField(string Name, string? Type, IReadOnlyList<string> Values)
{
    /// <summary>What people read; null for nothing.</summary>
    public string? Label { get; init; }

    /// <summary>The choices of a list, each with its label.</summary>
    public IReadOnlyList<(string? Label, string Value)> Options { get; init; } = [];

    /// <summary>Whether it must be filled in.</summary>
    public bool IsRequired { get; init; }

    internal static FormField Read(string name, Element field) => new(name, field["type"], [.. field.ChildrenNamed("value", DataForm.Namespace).Select(v => v.Value)])
    {
        Label = field["label"],
        IsRequired = field.Child("required") is not null,
        Options = [.. field.ChildrenNamed("option", DataForm.Namespace).Select(o => (o["label"], o.Child("value")?.Value ?? ""))],
    };

    internal Element ToElement(bool isSubmitted)
    {
        var field = new Element("field", DataForm.Namespace).Attr("var", Name);
        // What was asked for is not told again to whoever asked.
        if (!isSubmitted || Name == "FORM_TYPE") field.Attr("type", Type);
        field.Attr("label", Label);
        foreach (var value in Values) field.Add("value", v => v.Text(value));
        foreach (var (label, value) in Options) field.Add("option", o => o.Attr("label", label).Add("value", v => v.Text(value)));
        if (IsRequired) field.Add("required");
        return field;
    }
}
