# TernScenarios.cmake - the scenarios of `tern play`: text files in scenarios/, built into the
# program and installed beside it.
#
#     cmake -DFOLDER=... -DOUTPUT=... -P TernScenarios.cmake
#
# writes OUTPUT, the C file with scenario_entries[] of apps/tern/scenario_entries.h: each text as
# octets, in the order of scenarios/ORDER.
# Included, it makes the rule for that.

if(CMAKE_SCRIPT_MODE_FILE)
    file(STRINGS ${FOLDER}/ORDER names)
    set(entries "")
    foreach(name IN LISTS names)
        file(READ ${FOLDER}/${name}.scenario octets HEX)
        string(REGEX REPLACE "(..)" "0x\\1," octets "${octets}")
        string(REPLACE "0x0a," "0x0a,\n" octets "${octets}") # a line a line
        string(MAKE_C_IDENTIFIER ${name} variable)
        string(APPEND texts "static const unsigned char text_of_${variable}[] = {\n${octets}0};\n")
        string(APPEND entries "    {\"${name}\", (const char *)text_of_${variable}},\n")
    endforeach()
    file(WRITE ${OUTPUT} "#include \"apps/tern/scenario_entries.h\"\n${texts}"
        "const scenario_entry scenario_entries[] = {\n${entries}    {0, 0},\n};\n")
    return()
endif()

set(TERN_SCENARIOS ${PROJECT_SOURCE_DIR}/scenarios)
set(TERN_SCENARIO_TEXTS ${PROJECT_BINARY_DIR}/generated/scenario_texts.c)
file(GLOB TERN_SCENARIO_FILES CONFIGURE_DEPENDS ${TERN_SCENARIOS}/*.scenario)
add_custom_command(OUTPUT ${TERN_SCENARIO_TEXTS}
    COMMAND ${CMAKE_COMMAND} -DFOLDER=${TERN_SCENARIOS} -DOUTPUT=${TERN_SCENARIO_TEXTS}
        -P ${CMAKE_CURRENT_LIST_FILE}
    DEPENDS ${TERN_SCENARIO_FILES} ${TERN_SCENARIOS}/ORDER ${CMAKE_CURRENT_LIST_FILE} VERBATIM)
install(FILES ${TERN_SCENARIO_FILES} DESTINATION ${CMAKE_INSTALL_DATADIR}/tern/scenarios)
