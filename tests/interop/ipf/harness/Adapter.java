import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

import org.openehealth.ipf.commons.ihe.xds.core.stub.ebrs30.lcm.SubmitObjectsRequest;
import org.openehealth.ipf.commons.ihe.xds.core.stub.ebrs30.query.AdhocQueryRequest;
import org.openehealth.ipf.commons.ihe.xds.core.stub.ebrs30.query.AdhocQueryResponse;
import org.openehealth.ipf.commons.ihe.xds.core.stub.ebrs30.rim.ExtrinsicObjectType;
import org.openehealth.ipf.commons.ihe.xds.core.stub.ebrs30.rim.RegistryObjectType;
import org.openehealth.ipf.commons.ihe.xds.core.stub.ebrs30.rim.SlotType1;

/** Undoes the French deviations of a request in place, and gives them back in answers. */
final class Adapter {
    /** A value that was changed: where it stood (a scheme or the name of a slot), and what it was. */
    record Change(Deviation deviation, String place, String before, String after) {}

    private final Map<String, String> given = new HashMap<>();

    /** Undoes all deviations of a submission but those left. */
    synchronized List<Change> undo(SubmitObjectsRequest request, Collection<Deviation> left) {
        var changes = new ArrayList<Change>();
        for (var object : request.getRegistryObjectList().getIdentifiable()) {
            if (object.getValue() instanceof RegistryObjectType one) {
                for (var place : places(one)) {
                    place.set(value -> undone(place.name, value, false, left, changes));
                }
            }
        }
        return changes;
    }

    /** The same of a query. */
    synchronized List<Change> undo(AdhocQueryRequest request) {
        var changes = new ArrayList<Change>();
        for (var slot : request.getAdhocQuery().getSlot()) {
            new Place(slot).set(value -> undone(slot.getName(), value, true, List.of(), changes));
        }
        return changes;
    }

    /** Puts the values back as they were sent; the statuses are those that the registry says. */
    synchronized void redo(AdhocQueryResponse response, Map<String, String> statuses) {
        if (response.getRegistryObjectList() == null) {
            return;
        }
        for (var object : response.getRegistryObjectList().getIdentifiable()) {
            if (object.getValue() instanceof RegistryObjectType one) {
                for (var place : places(one)) {
                    place.set(value -> given.getOrDefault(place.name + " " + value, value));
                }
                if (one instanceof ExtrinsicObjectType entry && statuses.containsKey(entry.getId())) {
                    entry.setStatus(statuses.get(entry.getId()));
                }
            }
        }
    }

    private String undone(
            String place, String value, boolean query, Collection<Deviation> left, List<Change> changes) {
        for (var deviation : Deviation.ALL) {
            if (deviation.mayBeAt(place) && !left.contains(deviation)) {
                var after = query ? deviation.undoInQuery(value) : deviation.undo(value);
                if (!after.equals(value)) {
                    changes.add(new Change(deviation, place, value, after));
                    given.put(place + " " + after, value);
                    return after;
                }
            }
        }
        return value;
    }

    private static List<Place> places(RegistryObjectType one) {
        var found = new ArrayList<Place>();
        one.getSlot().forEach(slot -> found.add(new Place(slot)));
        one.getClassification().forEach(each -> each.getSlot().forEach(slot -> found.add(new Place(slot))));
        one.getExternalIdentifier().forEach(each -> found.add(new Place(each.getIdentificationScheme(),
                change -> each.setValue(change.apply(each.getValue())))));
        return found;
    }

    /** A place that holds values, each of which can be changed. */
    private static final class Place {
        private final String name;
        private final Consumer<UnaryOperator<String>> setter;

        Place(String name, Consumer<UnaryOperator<String>> setter) {
            this.name = name;
            this.setter = setter;
        }

        Place(SlotType1 slot) {
            this(slot.getName(), change -> {
                if (slot.getValueList() != null) {
                    slot.getValueList().getValue().replaceAll(change);
                }
            });
        }

        void set(UnaryOperator<String> change) {
            setter.accept(change);
        }
    }
}
