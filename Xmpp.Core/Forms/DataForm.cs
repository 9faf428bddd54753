using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Forms;

/// <summary>A data form (XEP-0004): built field by field to be sent, or read from what was received.</summary>
public sealed class DataForm
{
    /// <summary>The namespace.</summary>
    public const string Namespace = "jabber:x:data";

    private readonly List<FormField> _fields = [];

    /// <summary>Makes an empty form of a type (XEP-0004 section 3.1): <c>form</c>, <c>submit</c>, <c>cancel</c> or <c>result</c>.</summary>
    public DataForm(string type, string? formType = null)
    {
        Type = type;
        if (formType is not null) _fields.Add(new FormField("FORM_TYPE", "hidden", [formType]));
    }

    /// <summary>The form's type.</summary>
    public string Type { get; }

    /// <summary>What it is called; null for nothing.</summary>
    public string? Title { get; init; }

    /// <summary>What to do with it; null for nothing.</summary>
    public string? Instructions { get; init; }

    /// <summary>The fields in order, the one that tells the form's type (XEP-0068) among them.</summary>
    public IReadOnlyList<FormField> Fields => _fields;

    /// <summary>What kind of form it is (XEP-0068); null if it does not say.</summary>
    public string? FormType => Value("FORM_TYPE");

    /// <summary>The first value of a field; null if it has none.</summary>
    public string? Value(string name) => Find(name) is { Values: [var first, ..] } ? first : null;

    /// <summary>All values of a field; empty if it has none.</summary>
    public IReadOnlyList<string> Values(string name) => Find(name)?.Values ?? [];

    /// <summary>The field of that name; null if there is none.</summary>
    public FormField? Find(string name) => _fields.Find(f => f.Name == name);

    /// <summary>A field's value as a boolean (XEP-0004 section 3.3); null if it is absent or neither.</summary>
    public bool? Flag(string name) => Value(name) switch
    {
        "1" or "true" => true,
        "0" or "false" => false,
        _ => null,
    };

    /// <summary>Appends a field. Returns this form.</summary>
    public DataForm Add(FormField field)
    {
        _fields.Add(field);
        return this;
    }

    /// <summary>Appends a field with one value (null for none). Returns this form.</summary>
    public DataForm Add(string name, string type, string? value, string? label = null) => Add(new FormField(name, type, value is null ? [] : [value]) { Label = label });

    /// <summary>Appends a boolean field. Returns this form.</summary>
    public DataForm Add(string name, bool value, string? label = null) => Add(name, "boolean", value ? "1" : "0", label);

    /// <summary>Reads a form; null if the element is none, or one of its fields has no name where it needs one.</summary>
    public static DataForm? Read(Element? element)
    {
        if (element?.Is("x", Namespace) != true || element["type"] is not { } type) return null;
        var form = new DataForm(type) { Title = element.Child("title")?.Value, Instructions = element.Child("instructions")?.Value };
        foreach (var field in element.ChildrenNamed("field", Namespace))
        {
            if (field["var"] is not { } name)
            {
                // Only text between fields does without (XEP-0004 section 3.2).
                if (field["type"] == "fixed") continue;
                return null;
            }

            form.Add(FormField.Read(name, field));
        }

        return form;
    }

    /// <summary>The form inside an element (its first); null if there is none that can be read.</summary>
    public static DataForm? Within(Element parent) => Read(parent.Child("x", Namespace));

    /// <summary>The element to send.</summary>
    public Element ToElement()
    {
        var x = new Element("x", Namespace).Attr("type", Type);
        if (Title is not null) x.Add("title", t => t.Text(Title));
        if (Instructions is not null) x.Add("instructions", i => i.Text(Instructions));
        foreach (var field in _fields) x.Add(field.ToElement(isSubmitted: Type == "submit"));
        return x;
    }
}
